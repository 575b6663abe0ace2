// Puts a failure's message and stack into the sealed part: they may quote what they should not. Plain CommonJS, because the
// SDK loads it by path, from sources and from builds alike.
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
