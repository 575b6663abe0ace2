import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { createPayloadCodec, type PayloadKeys } from '../codec/encryption-codec.ts';

const converterPath = fileURLToPath(
  new URL('../../converter/failure-converter.cjs', import.meta.url),
);

/** Connects a client whose payloads are sealed like the worker's. */
export async function connectClient(options: {
  address: string;
  namespace: string;
  keys: PayloadKeys;
}): Promise<Client> {
  const connection = await Connection.connect({ address: options.address, connectTimeout: 10_000 });
  return new Client({
    connection,
    namespace: options.namespace,
    dataConverter: {
      failureConverterPath: converterPath,
      payloadCodecs: [createPayloadCodec(options.keys)],
    },
  });
}
