// `replace`: the link with its token does not stay in the history.
location.replace(document.getElementById("on").href);
