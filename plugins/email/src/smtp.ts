import { PluginError, type PluginContext } from '@sojourn/plugin-kit';
import { createTransport, type Transporter } from 'nodemailer';
import { parseSender } from './address.ts';
import type { Message } from './message.ts';

/** Settings of a connection `email/smtp`. */
export interface SmtpSettings {
  host: string;
  port: number;
  security: 'none' | 'starttls' | 'tls';
  username?: string;
  password?: string;
  from: string;
}

/**
 * Hands a message to the server once. Answers the server's words; throws `PluginError`. After the message's data was handed
 * over, a line that breaks leaves an unknown outcome: the server may have taken it.
 */
export async function sendOnce(message: Message, context: PluginContext): Promise<string> {
  const settings = settingsOf(context);
  const from = parseSender(settings.from);
  if (!from)
    throw new PluginError({
      code: 'bad-sender',
      kind: 'config',
      detail: "the connection's 'from' is no address",
    });
  let isHandedOver = false;
  const transport = await open(settings, context, (reply) => {
    isHandedOver ||= reply.startsWith('354'); // from here on the server may have the message
  });
  try {
    const info = await transport.sendMail({
      from,
      to: { name: '', address: message.to }, // the object form is never parsed as a list
      subject: message.subject,
      html: message.html,
      text: message.text,
      messageId: message.messageId,
      headers: message.headers,
      ...(message.replyTo === undefined ? {} : { replyTo: { name: '', address: message.replyTo } }),
      disableFileAccess: true,
      disableUrlAccess: true,
      signal: context.signal,
    });
    return info.response ?? '';
  } catch (error) {
    throw toPluginError(error, isHandedOver);
  } finally {
    transport.close();
  }
}

/** Opens a line and says hello, without a message. Throws `PluginError`. */
export async function verifyLine(context: PluginContext): Promise<void> {
  const transport = await open(settingsOf(context), context, () => undefined);
  try {
    await transport.verify();
  } catch (error) {
    throw toPluginError(error, false);
  } finally {
    transport.close();
  }
}

/** A connection's settings. They were checked against the schema when they were stored. */
export function settingsOf(context: PluginContext): SmtpSettings {
  return context.connection.settings as unknown as SmtpSettings;
}

/** Opens a transport that tells of each of the server's replies. The rest of the conversation is heard by nobody. */
async function open(
  settings: SmtpSettings,
  context: PluginContext,
  onReply: (reply: string) => void,
): Promise<Transporter> {
  const { address, port } = await context.resolve(settings.host, settings.port);
  return createTransport({
    host: address,
    port,
    secure: settings.security === 'tls',
    ignoreTLS: settings.security === 'none',
    requireTLS: settings.security === 'starttls',
    tls: { servername: settings.host },
    ...(settings.username === undefined || settings.username === ''
      ? {}
      : { auth: { user: settings.username, pass: settings.password ?? '' } }),
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 8_000,
    pool: false,
    logger: replyLogger(onReply),
    transactionLog: true,
  });
}

/** nodemailer tells of replies through its log alone. */
function replyLogger(onReply: (reply: string) => void) {
  const ignore = (): void => undefined;
  const hear = (entry: unknown, text: unknown): void => {
    const isReply = typeof entry === 'object' && entry !== null && 'tnx' in entry;
    if (isReply && entry.tnx === 'server' && typeof text === 'string') onReply(text);
  };
  return {
    ...{ level: ignore, trace: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore },
    debug: hear,
  };
}

interface SmtpError {
  code?: string;
  responseCode?: number;
  command?: string;
}

/**
 * What went wrong, by what it means for the next attempt. `isHandedOver`: the server had said that it waits for the message.
 * Names no recipient: the server's words may.
 */
export function toPluginError(error: unknown, isHandedOver: boolean): PluginError {
  if (error instanceof PluginError) return error;
  const { code, responseCode, command } = (
    typeof error === 'object' && error !== null ? error : {}
  ) as SmtpError;
  const make = (name: string, kind: PluginError['kind'], detail: string): PluginError =>
    new PluginError({ code: name, kind, detail, cause: error });
  if (responseCode === 530 || responseCode === 535 || code === 'EAUTH')
    return make('smtp-auth', 'auth', 'the server refused the user name or password');
  if (
    responseCode === 421 ||
    responseCode === 450 ||
    responseCode === 451 ||
    responseCode === 452
  ) {
    return make(
      `smtp-${responseCode}`,
      'retryable',
      `the server answered ${responseCode}: try later`,
    );
  }
  if (responseCode !== undefined && responseCode >= 500) {
    const recipient = command === 'RCPT TO' || responseCode === 550;
    return make(
      recipient ? 'recipient-refused' : `smtp-${responseCode}`,
      'permanent',
      `the server answered ${responseCode}${recipient ? ' to the recipient' : ''}`,
    );
  }
  if (responseCode !== undefined)
    return make(`smtp-${responseCode}`, 'retryable', `the server answered ${responseCode}`);
  if (isHandedOver) {
    return make(
      'smtp-unknown-outcome',
      'unknown-outcome',
      'the line broke after the message was handed over',
    );
  }
  return make('smtp-unreachable', 'retryable', 'the server cannot be reached');
}
