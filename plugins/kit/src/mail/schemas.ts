// JSON Schemas of what connections to mail servers have in common: forms are drawn from them.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

/** How a server is reached, as properties of a schema. */
export function serverProperties(port: number) {
  return {
    host: { type: 'string', minLength: 1, title: 'Host', 'x-title': text('Host', '主機', '主机') },
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      default: port,
      title: 'Port',
      'x-title': text('Port', '連接埠', '端口'),
    },
    security: {
      enum: ['none', 'starttls', 'tls'],
      default: 'starttls',
      title: 'Security',
      'x-title': text('Security', '加密', '加密'),
      description: 'How the line is encrypted. `none` is for servers on this machine only.',
      'x-description': text(
        'How the line is encrypted. `none` is for servers on this machine only.',
        '連線的加密方式。`none` 僅供本機伺服器使用。',
        '连接的加密方式。`none` 仅供本机服务器使用。',
      ),
    },
    username: {
      type: 'string',
      title: 'User name',
      'x-title': text('User name', '使用者名稱', '用户名'),
    },
    password: {
      type: 'string',
      title: 'Password',
      'x-title': text('Password', '密碼', '密码'),
      'x-secret': true,
    },
  } as const;
}

/** The mailbox that answers and bounces come to, read over POP3. */
export const inboundSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['address', 'host', 'port', 'security', 'username', 'password'],
  title: 'Mailbox',
  'x-title': text('Mailbox', '收件信箱', '收件邮箱'),
  description:
    'Where answers and bounces come to, read over POP3. It is for Sojourn alone: what was read is deleted.',
  'x-description': text(
    'Where answers and bounces come to, read over POP3. It is for Sojourn alone: what was read is deleted.',
    '回覆與退信的收件處，以 POP3 讀取。此信箱專供 Sojourn 使用，讀取後即刪除。',
    '回复与退信的收件处，以 POP3 读取。此邮箱专供 Sojourn 使用，读取后即删除。',
  ),
  properties: {
    address: {
      type: 'string',
      minLength: 3,
      maxLength: 254,
      title: 'Address',
      'x-title': text('Address', '地址', '地址'),
    },
    ...serverProperties(995),
    pollSeconds: {
      type: 'integer',
      minimum: 1,
      maximum: 3600,
      default: 30,
      title: 'Look every … seconds',
      'x-title': text('Look every … seconds', '每隔幾秒查看', '每隔几秒查看'),
    },
  },
} as const;
