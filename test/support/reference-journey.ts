import type { JourneyDocument } from '@sojourn/schemas';

/** The reference journey of the benches: start by an event → e-mail → wait 1 s → split → e-mail → end. */
export const referenceJourney: JourneyDocument = {
  format: 1,
  key: 'reference',
  name: 'Reference',
  subject: 'patient',
  entry: [{ on: 'manual' }],
  start: 'hello',
  steps: {
    hello: {
      kind: 'action',
      uses: 'email/send',
      purpose: 'support',
      with: { subject: 'Hello {{ subject.key }}', body: 'Hello **{{ subject.key }}**, welcome.' },
    },
    pause: { kind: 'wait', for: [{ port: 'over', after: 'PT1S' }] },
    arms: {
      kind: 'split',
      arms: [
        { port: 'a', weight: 1 },
        { port: 'b', weight: 1 },
      ],
    },
    again: {
      kind: 'action',
      uses: 'email/send',
      purpose: 'support',
      with: { subject: 'Again', body: 'Hello again, {{ subject.key }}.' },
    },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [
    { from: 'hello', port: 'sent', to: 'pause' },
    { from: 'pause', port: 'over', to: 'arms' },
    { from: 'arms', port: 'a', to: 'again' },
    { from: 'arms', port: 'b', to: 'again' },
    { from: 'again', port: 'sent', to: 'done' },
  ],
};
