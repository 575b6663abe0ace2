import type { ReceivedMail } from '@sojourn/plugin-kit/mail';

// What a person wrote, without what their mail program added.

/** Whether no person wrote it: a notice of absence, a newsletter, a report (RFC 3834). */
export function isAutomatic({ headers }: Pick<ReceivedMail, 'headers'>): boolean {
  const submitted = headers['auto-submitted'];
  return (
    (submitted !== undefined && !/^no\b/i.test(submitted)) ||
    /^(bulk|junk|list|auto_reply)\b/i.test(headers['precedence'] ?? '') ||
    headers['return-path']?.trim() === '<>' ||
    ['list-id', 'x-autoreply', 'x-autorespond'].some((name) => headers[name] !== undefined)
  );
}

/** Lines after which everything is quoted. */
const quoteBegins = [
  /^-{2,}\s*(original message|forwarded message|原始郵件|原始邮件|轉寄郵件|转发邮件)\s*-{2,}$/i,
  /^(on|am|le|el)\b.{4,200}\b(wrote|schrieb|a écrit|escribió)\s*:$/i,
  /^(在|於|于).{4,200}(寫道|写道|寫|写)\s*[:：]$/,
  /^.{1,120}(於|于|在)\s*\d{4}\s*年.{2,120}(寫道|写道)\s*[:：]$/,
  /^_{20,}$/,
];
/** Lines after which everything is a signature. */
const signatureBegins = [
  /^-- ?$/,
  /^sent from my \S.{0,40}$/i,
  /^(從|自|从|發自|发自)我的.{1,30}(傳送|寄出|发送|發送)?$/,
  /^get outlook for \S+$/i,
];
/** Fields of the mail before, as Outlook writes them above it. */
const fieldOfQuote =
  /^(from|sent|to|subject|寄件者|寄件日期|收件者|主旨|发件人|发送时间|收件人|主题)\s*[:：]/i;

/** The text of a reply without what was quoted and without the signature; the whole text when nothing would be left. */
export function writtenIn(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const end = lines.findIndex((line, index) => isEnd(line.trim(), lines, index));
  const own = (end < 0 ? lines : lines.slice(0, end)).filter((line) => !line.startsWith('>'));
  const written = own
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return written === '' ? text.trim() : written;
}

function isEnd(line: string, lines: readonly string[], index: number): boolean {
  const following = lines.slice(index + 1, index + 3).map((next) => next.trim());
  const folded = `${line} ${following[0] ?? ''}`; // the line above a quote is broken when it is long
  return (
    [...quoteBegins, ...signatureBegins].some((begin) => begin.test(line)) ||
    quoteBegins.slice(1, 4).some((begin) => begin.test(folded)) ||
    (fieldOfQuote.test(line) &&
      following.length === 2 &&
      following.every((next) => fieldOfQuote.test(next)))
  );
}
