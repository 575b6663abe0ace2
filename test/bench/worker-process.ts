import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { email } from '@sojourn/plugin-email';
import { createRegistry } from '@sojourn/plugin-kit';
import { createMongoStore, createSealer, openSettings } from '@sojourn/store';
import {
  createPayloadCodec,
  createPlanCache,
  installRuntime,
  startWorker,
  subjectKeys,
} from '@sojourn/temporal';
import { createEgress } from '@sojourn/plugin-kit/host';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createHandWrittenActivities } from './hand-written/activities.ts';

// A worker in a process of its own, so that its CPU can be told from the server's and the client's. Says `ready`, answers
// `cpu` with the microseconds it has used, and ends on `stop`.

const [kind, mongoUri = '', temporalAddress = '', keyText = '', bundle = ''] =
  process.argv.slice(2);
const deploymentKey = Buffer.from(keyText, 'hex');
const store = await createMongoStore({ uri: mongoUri, deploymentKey });
const sealer = createSealer(store.roots);
const registry = createRegistry([email]);
const keys = subjectKeys(store.subjectKeys, store.roots);
const log = {
  info: () => undefined,
  warn: (values: object, message: string) => console.error(message, values),
};
const secrets = {
  open: (record: { id: string; settings: Parameters<typeof openSettings>[2] }) =>
    openSettings(sealer, record.id, record.settings),
};

const stop = kind === 'ours' ? await startOurs() : await startHandWritten();
process.on('message', (message) => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system });
  }
  if (message === 'stop') void stop().then(() => process.exit(0));
});
process.send?.('ready');

async function startOurs(): Promise<() => Promise<void>> {
  const worker = await startWorker({
    address: temporalAddress,
    namespace: 'default',
    keys,
    plans: createPlanCache(store.journeys),
    activities: {
      store,
      runs: {
        idOf: () => 'nobody',
        tell: () => Promise.reject(new Error('no run calls another here')),
      },
      registry,
      secrets,
      links: {
        for: () => ({
          click: (target) => target,
          open: () => 'http://localhost/t/open',
          unsubscribe: () => 'http://localhost/u/unsubscribe',
        }),
        callback: () => 'http://localhost/callbacks',
      },
      egress: createEgress({ allows: () => true }),
      log,
      clock: Date.now,
    },
  });
  return () => worker.stop();
}

async function startHandWritten(): Promise<() => Promise<void>> {
  installRuntime(log);
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const worker = await Worker.create({
    connection,
    namespace: 'default',
    taskQueue: 'hand-written',
    workflowBundle: { code: await readFile(bundle, 'utf8') },
    activities: createHandWrittenActivities({ store, registry, sealer }),
    dataConverter: {
      payloadCodecs: [createPayloadCodec(keys)],
      failureConverterPath: fileURLToPath(
        new URL('../../workflows/temporal/converter/failure-converter.cjs', import.meta.url),
      ),
    },
    maxCachedWorkflows: 300,
    workflowTaskPollerBehavior: { type: 'autoscaling', initial: 2, minimum: 1, maximum: 20 },
    activityTaskPollerBehavior: { type: 'autoscaling', initial: 2, minimum: 1, maximum: 20 },
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
}
