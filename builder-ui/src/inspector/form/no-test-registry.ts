// @rjsf/core exports a helper for its own tests that imports a validator compiled by `new Function`. Nothing of ours calls
// it, and a strict CSP forbids what it brings: the build puts this in its place (vite.config.ts).
const nothing = {};
export { nothing as default };
