import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import {
  generationOfOwn,
  SubjectErasedError,
  type Root,
  type Roots,
  type Store,
} from '@sojourn/store';
import proto from '@temporalio/proto';
import { erasedMark } from '../protocol.ts';

// Payloads are sealed before they leave for Temporal, and opened when they come back.
//
//   K1. AES-256-GCM with the key of the person whose run it is. The key's name stands in the metadata, since whoever decodes may
//       not know which run a payload belongs to; so payloads from before there were such keys are read by their names too.
//   K2. A payload that holds `{"$plan": hash}` is opened to the plan itself: plans travel by their hash.
//   K4. A payload whose key was destroyed is opened to a tombstone, and one that cannot be sealed any more is sent as a tombstone:
//       a codec that throws makes Temporal try for ever. A key that is missing without a tombstone does throw: it must be mended.
//   K5. Payloads of no known run are sealed with keys derived from the newest root of the deployment. The key's name says under which
//       generation; without one it is the first, so that what Temporal has kept from before stays readable.
//   K3. Ids, names and search attributes are never sealed by Temporal: they carry nothing personal.

const encoding = 'binary/encrypted';
const text = new TextEncoder();
const utf8 = new TextDecoder();
const planPrefix = '{"$plan":"';

/** Where keys come from, by name. A key that was destroyed is undefined. */
export interface PayloadKeys {
  /** The key that payloads of a workflow are sealed with, and its name; undefined when it was destroyed. */
  sealing(workflowId: string | undefined): Promise<PayloadKey | undefined>;
  key(name: string): Promise<Uint8Array | undefined>;
}

/** A key, and its name. */
export interface PayloadKey {
  name: string;
  key: Uint8Array;
}

const ofGeneration = /^([1-9]\d{0,6})\/run:/;

/** Keys derived from the roots of the deployment, one a run: how payloads were sealed before each person had a key. */
export function derivedKeys(roots: Pick<Roots, 'newest' | 'of'>): PayloadKeys {
  const cache = new Map<string, Uint8Array>();
  const keyOf = ({ secret }: Root, name: string): Uint8Array => {
    let key = cache.get(name);
    if (!key) {
      if (cache.size >= 5_000) cache.clear();
      key = new Uint8Array(hkdfSync('sha256', secret, 'sojourn/temporal', name, 32));
      cache.set(name, key);
    }
    return key;
  };
  return {
    sealing: (workflowId) => {
      const root = roots.newest();
      const run = `run:${workflowId ?? 'none'}`;
      const name = root.generation === 1 ? run : `${root.generation}/${run}`; // K5
      return Promise.resolve({ name, key: keyOf(root, name) });
    },
    key: async (name) =>
      cache.get(name) ?? keyOf(await roots.of(Number(ofGeneration.exec(name)?.[1] ?? 1)), name),
  };
}

const subjectPrefix = 'subject:';

/** The keys of the people whose runs they are; those derived from roots of the deployment stay readable (K1). */
export function subjectKeys(
  keys: Pick<Store['subjectKeys'], 'ofRun' | 'byId'>,
  roots: Pick<Roots, 'newest' | 'of'>,
): PayloadKeys {
  const derived = derivedKeys(roots);
  return {
    async sealing(workflowId) {
      if (workflowId === undefined) return await derived.sealing(undefined);
      try {
        const { id, key } = await keys.ofRun(workflowId);
        if (generationOfOwn(id) !== undefined) return await derived.sealing(workflowId); // no run of ours
        return { name: subjectPrefix + id, key };
      } catch (error) {
        if (error instanceof SubjectErasedError) return undefined;
        throw error;
      }
    },
    async key(name) {
      if (!name.startsWith(subjectPrefix)) return await derived.key(name);
      return (await keys.byId(name.slice(subjectPrefix.length)))?.key;
    },
  };
}

/** What stands in the place of a payload whose key was destroyed (K4). */
const tombstone: Payload = {
  metadata: { encoding: text.encode('json/plain') },
  data: text.encode(JSON.stringify({ [erasedMark]: true })),
};

/** A codec over these keys. `planText` answers a plan's JSON by its hash; without it plans stay references. */
export function createPayloadCodec(
  keys: PayloadKeys,
  planText?: (hash: string) => Promise<string>,
): PayloadCodec {
  return {
    encode: async (payloads, context) => {
      const key = await keys.sealing(
        context && 'workflowId' in context ? context.workflowId : undefined,
      );
      return payloads.map((payload) => (key ? seal(payload, key) : tombstone));
    },
    decode: (payloads) => Promise.all(payloads.map(open)),
  };

  function seal(payload: Payload, { name, key }: PayloadKey): Payload {
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
    if (!key) return tombstone; // K4
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
