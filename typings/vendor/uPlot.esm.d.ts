// The file is fetched by the build; its types are those of the npm package of the same version.
export { default } from "uplot";
