import { createTransport, type SendMailOptions } from 'nodemailer';

/** The text of a mail, as a mail program would write it. */
export async function composeMail(mail: SendMailOptions): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail({ ...mail, disableFileAccess: true });
  return message as Buffer;
}
