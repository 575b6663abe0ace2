import { PluginError, type PluginContext } from '@sojourn/plugin-kit';
import {
  parseSender,
  type InboundSettings,
  type MailServerSettings,
} from '@sojourn/plugin-kit/mail';

/** How a representative meets people. */
export type Channel = 'face-to-face' | 'online' | 'phone';

/** Somebody who visits. */
export interface Representative {
  id: string;
  name: string;
  email: string;
  territories: string[];
  channels: Channel[];
  timeZone: string;
}

/** Settings of a connection `rep-visit/calendar`. */
export interface CalendarSettings {
  /** An address, or a name and an address: who invites. */
  organizer: string;
  smtp: MailServerSettings;
  /** The mailbox of the organizer's address. */
  inbound?: InboundSettings;
  representatives: Representative[];
  rules?: { noPrescriptionData?: boolean };
}

/** A connection's settings. They were checked against the schema when they were stored. */
export function settingsOf(context: PluginContext): CalendarSettings {
  return context.connection.settings as unknown as CalendarSettings;
}

/** Who invites. Throws `PluginError` of kind `config`. */
export function organizerOf({ organizer }: CalendarSettings): { name: string; address: string } {
  const sender = parseSender(organizer);
  if (sender) return sender;
  throw new PluginError({
    code: 'bad-organizer',
    kind: 'config',
    detail: "the connection's 'organizer' is no address",
  });
}
