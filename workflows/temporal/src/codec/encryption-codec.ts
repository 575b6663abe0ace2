import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

// Payloads are sealed before they leave for Temporal, and opened when they come back.
//
//   K1. AES-256-GCM with a key of the run's own, derived from the deployment's (HKDF-SHA-256). The key's name stands in the
//       metadata, since whoever decodes may not know which run a payload belongs to.
//   K2. A payload that holds `{"$plan": hash}` is opened to the plan itself: plans travel by their hash.
//   K3. Ids, names and search attributes are never sealed by Temporal: they carry nothing personal.

const encoding = 'binary/encrypted';
const text = new TextEncoder();
const utf8 = new TextDecoder();
const planPrefix = '{"$plan":"';

/** Where keys come from, by name. A key that was destroyed is undefined. */
export interface PayloadKeys {
  /** The name of the key that payloads of a workflow are sealed with. */
  nameFor(workflowId: string | undefined): string;
  key(name: string): Promise<Uint8Array | undefined>;
}

/** Keys derived from the deployment's key, one a run. */
export function derivedKeys(deploymentKey: Uint8Array): PayloadKeys {
  const cache = new Map<string, Uint8Array>();
  return {
    nameFor: (workflowId) => `run:${workflowId ?? 'none'}`,
    key: (name) => {
      let key = cache.get(name);
      if (!key) {
        if (cache.size >= 5_000) cache.clear();
        key = new Uint8Array(hkdfSync('sha256', deploymentKey, 'sojourn/temporal', name, 32));
        cache.set(name, key);
      }
      return Promise.resolve(key);
    },
  };
}

/** A codec over these keys. `planText` answers a plan's JSON by its hash; without it plans stay references. */
export function createPayloadCodec(
  keys: PayloadKeys,
  planText?: (hash: string) => Promise<string>,
): PayloadCodec {
  return {
    encode: (payloads, context) => {
      const name = keys.nameFor(
        context && 'workflowId' in context ? context.workflowId : undefined,
      );
      return Promise.all(payloads.map((payload) => seal(payload, name)));
    },
    decode: (payloads) => Promise.all(payloads.map(open)),
  };

  async function seal(payload: Payload, name: string): Promise<Payload> {
    const key = await keys.key(name);
    if (!key) throw new Error(`the key '${name}' is gone`);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
    const sealed = Buffer.concat([
      nonce,
      cipher.update(plain),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return {
      metadata: { encoding: text.encode(encoding), 'encryption-key-id': text.encode(name) },
      data: sealed,
    };
  }

  async function open(payload: Payload): Promise<Payload> {
    if (utf8.decode(payload.metadata?.['encoding'] ?? new Uint8Array()) !== encoding)
      return payload;
    const name = utf8.decode(payload.metadata?.['encryption-key-id'] ?? new Uint8Array());
    const key = await keys.key(name);
    if (!key) throw new Error(`the key '${name}' is gone`);
    const sealed = payload.data ?? new Uint8Array();
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(sealed.length - 16));
    const plain = Buffer.concat([
      decipher.update(sealed.subarray(12, sealed.length - 16)),
      decipher.final(),
    ]);
    return await withPlan(proto.temporal.api.common.v1.Payload.decode(plain));
  }

  async function withPlan(payload: Payload): Promise<Payload> {
    const data = payload.data;
    if (!planText || !data || data.length === 0 || data.length > 120) return payload; // (protobuf's empty bytes are an array)
    const content = utf8.decode(data);
    if (!content.startsWith(planPrefix)) return payload;
    const { $plan } = JSON.parse(content) as { $plan: string };
    return { ...payload, data: text.encode(await planText($plan)) }; // K2
  }
}
