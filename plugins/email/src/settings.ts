import type { PluginContext } from '@sojourn/plugin-kit';
import type { DkimSettings, InboundSettings, MailServerSettings } from '@sojourn/plugin-kit/mail';

/** Settings of a connection `email/smtp`. */
export interface EmailSettings extends MailServerSettings {
  from: string;
  dkim?: DkimSettings;
  /** Where answers and bounces come to. */
  inbound?: InboundSettings;
}

/** A connection's settings. They were checked against the schema when they were stored. */
export function settingsOf(context: PluginContext): EmailSettings {
  return context.connection.settings as unknown as EmailSettings;
}
