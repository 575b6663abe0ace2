// JSON Schemas of the connection and of the action: forms are drawn from them.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

/** The outcome of an answer that fits no rule. */
export const other = 'other';

/** `http/api`: an API and how one signs in there. */
export const apiConnection = {
  type: 'object',
  additionalProperties: false,
  required: ['baseUrl'],
  properties: {
    baseUrl: {
      type: 'string',
      pattern: '^https?://[^\\s?#@]+$',
      maxLength: 2_000,
      title: 'Address',
      'x-title': text('Address', '網址', '网址'),
      description: 'What every path is added to: https://api.clinic.example/v2',
    },
    auth: {
      enum: ['none', 'bearer', 'basic'],
      default: 'none',
      title: 'Sign in with',
      'x-title': text('Sign in with', '登入方式', '登录方式'),
    },
    token: {
      type: 'string',
      minLength: 1,
      title: 'Token',
      'x-title': text('Token', '權杖', '令牌'),
      description: 'For bearer.',
      'x-secret': true,
    },
    username: {
      type: 'string',
      pattern: '^[^:]*$',
      title: 'User name',
      'x-title': text('User name', '使用者名稱', '用户名'),
      description: 'For basic.',
    },
    password: {
      type: 'string',
      title: 'Password',
      'x-title': text('Password', '密碼', '密码'),
      description: 'For basic.',
      'x-secret': true,
    },
    callbackSecret: {
      type: 'string',
      minLength: 8,
      title: 'Callback secret',
      'x-title': text('Callback secret', '回呼密鑰', '回调密钥'),
      description:
        'With which the API signs what it reports later: X-Signature is t=<seconds>,v1=<HMAC-SHA256 of "t.body">. Without it the address alone is the secret.',
      'x-secret': true,
    },
    headers: {
      type: ['string', 'object'],
      maxProperties: 20,
      title: 'Headers',
      'x-title': text('Headers', '標頭', '标头'),
      description: 'Sent with every request, such as X-Api-Key: abc. One a line, or an object.',
      'x-secret': true,
    },
  },
} as const;

const headerNames = { pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" };

/** Config of `http/request`. */
export const requestConfig = {
  type: 'object',
  additionalProperties: false,
  required: ['method', 'path', 'outcomes'],
  properties: {
    method: {
      enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      default: 'GET',
      title: 'Method',
      'x-title': text('Method', '方法', '方法'),
    },
    path: {
      type: 'string',
      pattern: '^/',
      maxLength: 4_000,
      title: 'Path',
      'x-title': text('Path', '路徑', '路径'),
      description: "Added to the connection's address. Values are percent-encoded.",
      'x-template': true,
      contentMediaType: 'text/uri-list',
    },
    query: {
      type: 'object',
      maxProperties: 50,
      title: 'Query',
      'x-title': text('Query', '查詢參數', '查询参数'),
      additionalProperties: {
        type: ['string', 'number', 'boolean'],
        'x-template': true,
        contentMediaType: 'text/plain',
      },
    },
    headers: {
      type: 'object',
      maxProperties: 50,
      propertyNames: headerNames,
      title: 'Headers',
      'x-title': text('Headers', '標頭', '标头'),
      description: "Never a secret: those are the connection's.",
      additionalProperties: {
        type: 'string',
        maxLength: 8_000,
        'x-template': true,
        contentMediaType: 'text/plain',
      },
    },
    body: {
      type: ['string', 'object', 'array'],
      maxLength: 200_000,
      title: 'Body',
      'x-title': text('Body', '內文', '正文'),
      description:
        'JSON. In its text values are escaped for a JSON string: write them between quotes.',
      'x-template': true,
      'x-multiline': true,
      contentMediaType: 'application/json',
    },
    deduplicates: {
      type: 'boolean',
      default: false,
      title: 'Honours Idempotency-Key',
      'x-title': text('Honours Idempotency-Key', '支援 Idempotency-Key', '支持 Idempotency-Key'),
      description:
        'Whether the API does the same request once, however often it comes: then one that was cut off is sent again.',
    },
    outcomes: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      title: 'Outcomes',
      'x-title': text('Outcomes', '結果', '结果'),
      description: 'The first that fits is taken, and its port; an answer that fits none is other.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['port'],
        properties: {
          port: {
            type: 'string',
            pattern: '^(?!(?:failed|timeout|suppressed)$)[a-z][a-z0-9-]*$',
            maxLength: 64,
            title: 'Port',
            'x-title': text('Port', '出口', '出口'),
          },
          status: {
            type: 'array',
            minItems: 1,
            maxItems: 20,
            title: 'Status',
            'x-title': text('Status', '狀態碼', '状态码'),
            description: 'Such as 200 or 2xx. Default: any 2xx.',
            items: { type: 'string', pattern: '^[2-5](\\d\\d|xx)$' },
          },
          path: {
            type: 'string',
            pattern: '^(/([^~/]|~[01])*)*$',
            maxLength: 500,
            title: 'Where in the answer',
            'x-title': text('Where in the answer', '回應中的位置', '响应中的位置'),
            description: 'A JSON pointer, such as /result/status: something must be there.',
          },
          equals: {
            title: 'Equals',
            'x-title': text('Equals', '等於', '等于'),
            description: 'What must be there.',
            type: ['string', 'number', 'boolean', 'null'],
          },
        },
        dependentRequired: { equals: ['path'] },
      },
    },
  },
} as const;

const { status: _status, ...ofCallback } = requestConfig.properties.outcomes.items.properties;

/** Config of `http/request-and-wait`. */
export const waitConfig = {
  ...requestConfig,
  properties: {
    ...requestConfig.properties,
    reference: {
      type: 'string',
      pattern: '^(/([^~/]|~[01])*)+$',
      maxLength: 500,
      title: 'Its id of the request',
      'x-title': text('Its id of the request', '請求編號的位置', '请求编号的位置'),
      description: 'Where in the answer the API names what it took, such as /id: a JSON pointer.',
    },
    outcomes: {
      ...requestConfig.properties.outcomes,
      description:
        'What the API reports later: the first that fits ends the step. A report that fits none is refused, and the step goes on waiting.',
      items: { ...requestConfig.properties.outcomes.items, properties: ofCallback },
    },
  },
} as const;

/** Output of `http/request-and-wait`. */
export const waitOutput = {
  type: 'object',
  additionalProperties: false,
  required: ['outcome'],
  properties: {
    outcome: { type: 'string', description: 'The port by which it ended.' },
    body: { description: 'What was reported: JSON. Absent when it is too long.' },
    problem: { enum: ['too-long'], description: 'Why the body is not here.' },
  },
} as const;

/** Output of `http/request`. */
export const requestOutput = {
  type: 'object',
  additionalProperties: false,
  required: ['status', 'outcome'],
  properties: {
    status: { type: 'integer' },
    outcome: { type: 'string', description: 'The port by which it ended.' },
    body: { description: 'What was answered: JSON, or its text. Absent when it is too long.' },
    problem: {
      enum: ['no-json', 'too-long'],
      description: 'Why the body could not be looked into, or is not here.',
    },
  },
} as const;
