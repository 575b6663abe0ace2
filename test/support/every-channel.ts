import type { JourneyDocument } from '@sojourn/schemas';

/**
 * A programme through every channel: enrolment with documents that may be missing, a welcome by e-mail, a question by text, a delivery in
 * a cold chain that may get warm, a visit where it is refused, and a person's help wherever it goes wrong. `pause` stands in place of days.
 */
export const everyChannel = (pause: string): JourneyDocument => ({
  ...{ format: 1, key: 'every-channel', name: 'Every channel', subject: 'patient' },
  ...{ timeZone: 'Asia/Taipei', entry: [{ on: 'event', event: 'therapy.prescribed' }] },
  start: 'enrol',
  steps: {
    enrol: {
      ...{ kind: 'action', name: 'Enrol for help with costs', uses: 'insurance-enrollment/enroll' },
      with: { plan: 'CO-PAY' },
    },
    papers: {
      ...{ kind: 'action', name: 'Ask for what is missing', uses: 'task/assign' },
      with: {
        queue: 'enrolment',
        title: 'Documents are missing for {{ subject.givenName }}',
        outcomes: [{ port: 'sent' }],
      },
    },
    again: {
      ...{ kind: 'action', name: 'Enrol again', uses: 'insurance-enrollment/enroll' },
      with: {
        plan: 'CO-PAY',
        continues: { cel: 'steps.enrol.output.caseId' },
        documents: [{ type: 'income-proof', url: 'https://documents.example/{{ subject.key }}' }],
      },
    },
    welcome: {
      ...{ kind: 'action', name: 'Welcome', uses: 'email/send', purpose: 'support' },
      with: { subject: 'Welcome, {{ subject.givenName }}', body: 'We are with you.' },
    },
    wait: { kind: 'wait', name: 'Until the supply is due', for: [{ port: 'due', after: pause }] },
    ask: {
      ...{ kind: 'action', name: 'Shall we deliver?', uses: 'sms/ask', purpose: 'support' },
      timeout: 'PT30S',
      with: {
        text: 'Your supply is due. 1 deliver, 2 call me',
        answers: [
          { port: 'deliver', words: ['1', 'yes'] },
          { port: 'call', words: ['2', 'no'] },
        ],
      },
    },
    order: {
      ...{ kind: 'action', name: 'Deliver', uses: 'pharmacy-delivery/order' },
      with: {
        medication: { code: 'L04AB04', text: 'Pen 40 mg' },
        ...{ daysSupply: 28, quantity: 2, coldChain: true },
      },
    },
    replace: {
      ...{ kind: 'action', name: 'Replace what got warm', uses: 'pharmacy-delivery/order' },
      with: {
        medication: { code: 'L04AB04', text: 'Pen 40 mg' },
        ...{ daysSupply: 28, quantity: 2, override: 'replacement after an excursion' },
      },
    },
    visit: {
      ...{ kind: 'action', name: 'A visit', uses: 'rep-visit/request', purpose: 'support' },
      with: { topic: 'How the delivery can arrive', channels: ['phone'], within: 'P14D' },
    },
    help: {
      ...{ kind: 'action', name: 'A person helps', uses: 'task/assign' },
      with: {
        queue: 'support',
        title: 'Call {{ subject.givenName }}',
        outcomes: [{ port: 'helped' }],
      },
    },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [
    { from: 'enrol', port: 'enrolled', to: 'welcome' },
    { from: 'enrol', port: 'declined', to: 'welcome' },
    { from: 'enrol', port: 'documents-missing', to: 'papers' },
    { from: 'papers', port: 'sent', to: 'again' },
    { from: 'papers', port: 'overdue', to: 'welcome' },
    { from: 'again', port: 'enrolled', to: 'welcome' },
    { from: 'again', port: 'declined', to: 'welcome' },
    { from: 'again', port: 'documents-missing', to: 'welcome' },
    { from: 'welcome', port: 'sent', to: 'wait' },
    { from: 'wait', port: 'due', to: 'ask' },
    { from: 'ask', port: 'deliver', to: 'order' },
    { from: 'ask', port: 'call', to: 'help' },
    { from: 'ask', port: 'other', to: 'order' },
    { from: 'ask', port: 'silent', to: 'order' },
    { from: 'order', port: 'delivered', to: 'done' },
    { from: 'order', port: 'excursion', to: 'replace' },
    { from: 'order', port: 'refused', to: 'visit' },
    { from: 'order', port: 'returned', to: 'visit' },
    { from: 'visit', port: 'done', to: 'done' },
    { from: 'visit', port: 'no-show', to: 'help' },
    { from: 'visit', port: 'declined', to: 'help' },
    { from: 'replace', port: 'delivered', to: 'done' },
    { from: 'replace', port: 'refused', to: 'help' },
    { from: 'replace', port: 'returned', to: 'help' },
    { from: 'replace', port: 'excursion', to: 'help' },
    { from: 'help', port: 'helped', to: 'done' },
    { from: 'help', port: 'overdue', to: 'done' },
  ],
});
