// `replace`: the link with its token does not stay in the history.
location.replace(/** @type {HTMLAnchorElement} */ (document.getElementById("on")).href);
