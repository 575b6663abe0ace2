// Temporal puts a `Date` of its own in place of the language's, and keeps the prototype, whose `constructor` is still the other
// one. Our CEL tells types by `constructor`, so that every instant in an expression was of no known type: mended before it loads.
Object.defineProperty(Date.prototype, 'constructor', { value: Date, enumerable: false });
