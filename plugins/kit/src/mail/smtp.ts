import { createPrivateKey } from 'node:crypto';
import { createTransport, type Transporter } from 'nodemailer';
import { PluginError, type PluginContext } from '../contract.ts';

/** How a mail server is reached. */
export interface MailServerSettings {
  host: string;
  port: number;
  security: 'none' | 'starttls' | 'tls';
  username?: string;
  password?: string;
}

/** How mails are signed. */
export interface DkimSettings {
  domain: string;
  selector: string;
  /** PEM, RSA. */
  privateKey: string;
}

/** A mail ready for SMTP. */
export interface OutgoingMail {
  from: { name: string; address: string };
  /** One plain address. */
  to: string;
  subject: string;
  text: string;
  html?: string;
  messageId: string;
  replyTo?: string;
  headers?: Record<string, string>;
  /** Where bounces go; by default `from`. */
  returnPath?: string;
  attachments?: { filename: string; content: string; contentType: string }[];
  calendar?: { method: string; content: string };
  dkim?: DkimSettings;
}

/** What is signed: the fields that nodemailer signs anyway, and those of a one-click unsubscribe (RFC 8058). */
const signedFields = [
  ...['From', 'Sender', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'To', 'Cc', 'MIME-Version'],
  ...['Content-Type', 'Content-Transfer-Encoding', 'In-Reply-To', 'References'],
  ...['List-Unsubscribe', 'List-Unsubscribe-Post', 'Auto-Submitted'],
].join(':');

/**
 * Hands a mail to the server once. Answers the server's words; throws `PluginError`. After the mail's data was handed over, a line
 * that breaks leaves an unknown outcome: the server may have taken it.
 */
export async function sendMail(
  server: MailServerSettings,
  mail: OutgoingMail,
  context: PluginContext,
): Promise<string> {
  const { from, to, replyTo, returnPath, calendar, dkim, headers = {}, ...content } = mail;
  const signature = dkim && signatureOf(dkim);
  let isHandedOver = false;
  const transport = await open(server, context, (reply) => {
    isHandedOver ||= reply.startsWith('354'); // from here on the server may have the mail
  });
  try {
    const info = await transport.sendMail({
      ...content,
      from,
      to: { name: '', address: to }, // the object form is never parsed as a list
      headers,
      ...(replyTo === undefined ? {} : { replyTo: { name: '', address: replyTo } }),
      ...(returnPath === undefined ? {} : { envelope: { from: returnPath, to: [to] } }),
      ...(calendar === undefined ? {} : { icalEvent: { ...calendar, filename: 'invite.ics' } }),
      ...(signature === undefined ? {} : { dkim: signature }),
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

/** Opens a line and says hello, without a mail. Throws `PluginError`. */
export async function verifyServer(
  server: MailServerSettings,
  context: PluginContext,
): Promise<void> {
  const transport = await open(server, context, () => undefined);
  try {
    await transport.verify();
  } catch (error) {
    throw toPluginError(error, false);
  } finally {
    transport.close();
  }
}

/** Throws `PluginError` when a key cannot sign: a mail would go out unsigned, and nobody would know. */
export function assertSigns({ privateKey }: DkimSettings): void {
  let type: string | undefined;
  try {
    type = createPrivateKey(privateKey).asymmetricKeyType;
  } catch {
    type = undefined; // what was thrown may quote the key
  }
  if (type !== 'rsa')
    throw new PluginError({
      code: 'dkim-key',
      kind: 'config',
      detail: "the connection's 'dkim/privateKey' is no private RSA key in PEM form",
    });
}

function signatureOf(dkim: DkimSettings) {
  assertSigns(dkim);
  return {
    domainName: dkim.domain,
    keySelector: dkim.selector,
    privateKey: dkim.privateKey,
    headerFieldNames: signedFields,
  };
}

/** Opens a transport that tells of each of the server's replies. The rest of the conversation is heard by nobody. */
async function open(
  { host, port: asked, security, username = '', password = '' }: MailServerSettings,
  context: PluginContext,
  onReply: (reply: string) => void,
): Promise<Transporter> {
  const { address, port } = await context.resolve(host, asked);
  return createTransport({
    host: address,
    port,
    secure: security === 'tls',
    ignoreTLS: security === 'none',
    requireTLS: security === 'starttls',
    tls: { servername: host },
    ...(username === '' ? {} : { auth: { user: username, pass: password } }),
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
