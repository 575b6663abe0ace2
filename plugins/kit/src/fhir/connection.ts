import type { ConnectionDefinition } from '../contract.ts';
import { createFhirClient } from './client.ts';

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['baseUrl', 'token', 'signingSecret'],
  properties: {
    baseUrl: {
      type: 'string',
      pattern: '^https?://[^\\s?#@]+$',
      maxLength: 2_000,
      title: 'Address',
      'x-title': text('Address', '網址', '网址'),
      description: 'Where the FHIR R4 server is: https://fhir.pharmacy.example/r4',
    },
    token: {
      type: 'string',
      minLength: 1,
      title: 'Token',
      'x-title': text('Token', '權杖', '令牌'),
      description: 'Sent as bearer token with every request.',
      'x-secret': true,
    },
    signingSecret: {
      type: 'string',
      minLength: 1,
      title: 'Signing secret',
      'x-title': text('Signing secret', '簽章密鑰', '签名密钥'),
      description: 'With it the provider signs its callbacks.',
      'x-secret': true,
    },
  },
} as const;

/** A connection to a FHIR R4 server that reports by signed callbacks. */
export const fhirConnection: ConnectionDefinition = {
  title: 'FHIR R4',
  schema,
  limits: { perSecond: 10 },
  check: async (context) => await createFhirClient(context).check(),
};
