export { policyFaults } from './check.ts';
export {
  decide,
  longestCapMs,
  mayBeCounted,
  policyOrder,
  zoneOf,
  type PolicyRule,
} from './decide.ts';
export type {
  Consent,
  Contact,
  ContactAnswer,
  ContactFacts,
  ContactQuestion,
  Hours,
  PolicyInForce,
} from './facts.ts';
