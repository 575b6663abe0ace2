export { isAddress, parseSender } from './address.ts';
export { calendarFeed, calendarText, type Appointment } from './calendar.ts';
export { listenToMailbox, type InboundSettings } from './listen.ts';
export { hasMessage } from './lookup.ts';
export { domainOf, hashOf, messageIdOf } from './message-id.ts';
export { openPop3 } from './pop3.ts';
export { fieldsIn, readMail, type MailPart, type ReceivedMail } from './received-mail.ts';
export { inboundSchema, serverProperties } from './schemas.ts';
export {
  assertSigns,
  sendMail,
  toPluginError,
  verifyServer,
  type DkimSettings,
  type MailServerSettings,
  type OutgoingMail,
} from './smtp.ts';
export { instantOf } from './times.ts';
export { composeMail } from './sandbox/compose.ts';
export { openJournal, type Journal } from './sandbox/journal.ts';
export { startMailServer, type HandedMail, type MailServer } from './sandbox/mail-server.ts';
