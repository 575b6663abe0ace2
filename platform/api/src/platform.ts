import type { ApiDependencies } from './ports.ts';
import { createAccess, type Access } from './services/access.ts';
import { createAnswers } from './services/answers.ts';
import { createAudit, type Audit } from './services/audit.ts';
import { createBulk, type Bulk } from './services/bulk.ts';
import { createCallbacks, type Callbacks } from './services/callbacks.ts';
import { createCatalogue, type JourneyCatalogue } from './services/catalogue.ts';
import { createConnections, type Connections } from './services/connections.ts';
import { createEnrolment, type Enrolment } from './services/enrolment.ts';
import { createEnrolments, type Enrolments } from './services/enrolments.ts';
import { createFeeds, type Feeds } from './services/feeds.ts';
import { createFreezing, type Freezing } from './services/freezing.ts';
import { createErasure, type Erasure } from './services/erasure.ts';
import { createIntake, type Intake } from './services/intake.ts';
import { createJourneys, type Journeys } from './services/journeys.ts';
import { createListening, type Listening } from './services/listening.ts';
import { createLive, type Live } from './services/live.ts';
import { createOptions, type Options } from './services/options.ts';
import { createPolicies, type Policies } from './services/policies.ts';
import { createPreviews, type Previews } from './services/previews.ts';
import { createReportInbox, type ReportInbox } from './services/report-inbox.ts';
import { createReports, type Reports } from './services/reports.ts';
import { createRuns, type Runs } from './services/runs.ts';
import { createSafety } from './services/safety.ts';
import { createPlayer, type Player } from './services/player.ts';
import { createSandbox, type Sandbox } from './services/sandbox.ts';
import { createSimulations, type Simulations } from './services/simulations.ts';
import { createSubjects, type Subjects } from './services/subjects.ts';
import { createTasks, type Tasks } from './services/tasks.ts';
import { createTour, type Tour } from './services/tour.ts';
import { createTracking, type Tracking } from './services/tracking.ts';
import { createUpgrades, type Upgrades } from './services/upgrades.ts';

/** The services, without a transport. */
export interface Platform {
  access: Access;
  audit: Audit;
  bulk: Bulk;
  callbacks: Callbacks;
  catalogue: JourneyCatalogue;
  connections: Connections;
  enrolment: Enrolment;
  enrolments: Enrolments;
  erasure: Erasure;
  freezing: Freezing;
  intake: Intake;
  feeds: Feeds;
  journeys: Journeys;
  listening: Listening;
  live: Live;
  options: Options;
  policies: Policies;
  previews: Previews;
  reportInbox: ReportInbox;
  reports: Reports;
  runs: Runs;
  player: Player;
  sandbox: Sandbox;
  simulations: Simulations;
  subjects: Subjects;
  upgrades: Upgrades;
  tasks: Tasks;
  tour: Tour;
  tracking: Tracking;
  /** Ends what works in the background. */
  close(): Promise<void>;
}

/** Puts the services together. */
export function createPlatform(dependencies: ApiDependencies): Platform {
  const { store, host, ids, plans, log, clock, registry, sealer, signer } = dependencies;
  const { pluginContext, settings, sandboxes } = dependencies;
  const { pause, stop } = createPause();

  const access = createAccess(store.access, clock);
  const audit = createAudit(store.audit, clock);
  const catalogue = createCatalogue(store.journeys, clock);
  const enrolment = createEnrolment({ store, host, ids, catalogue, log, clock });
  const intake = createIntake({ store, catalogue, enrolment, plans, log, clock });
  const erasure = createErasure({ store, host, enrolment, audit, log, clock });
  const subjects = createSubjects({ store, intake, erasure, audit, clock });
  const reports = createReports({ store, intake, enrolment, clock });
  const answers = createAnswers({ store, plans, registry });
  const safety = createSafety({ store, clock });
  const reportInbox = createReportInbox({
    ...{ store, reports, intake, subjects, answers, safety, log, clock },
  });
  const freezing = createFreezing({ store, enrolment, log, clock, pause });
  const listening = createListening({
    ...{ store, registry, pluginContext, inbox: reportInbox, log, clock },
  });
  const live = createLive(store, log);
  const stopWatching = registry.watch(() => live.tell('plugins'));
  const simulations = createSimulations({ store, registry, timeZone: settings.timeZone, clock });
  const sandbox = createSandbox({ store, sandboxes, signer, inbox: reportInbox, audit });
  const player = createPlayer({ sandbox, settings: store.settings, sandboxes, log, clock });
  const bulk = createBulk({
    store,
    sealer,
    enrolment,
    catalogue,
    audit,
    log,
    clock,
    pause,
  });

  const journeys = createJourneys({
    store,
    registry,
    catalogue,
    freezing,
    audit,
    timeZone: settings.timeZone,
    clock,
  });

  return {
    access,
    audit,
    bulk,
    callbacks: createCallbacks({
      ...{ store, plans, registry, sealer, signer, pluginContext },
      inbox: reportInbox,
    }),
    catalogue,
    connections: createConnections({
      store,
      registry,
      sealer,
      signer,
      baseUrl: settings.baseUrl,
      catalogue,
      pluginContext,
      audit,
      clock,
    }),
    enrolment,
    freezing,
    erasure,
    enrolments: createEnrolments({ store, catalogue, enrolment, audit }),
    intake,
    feeds: createFeeds({ store, signer, baseUrl: settings.baseUrl, audit, clock }),
    journeys,
    upgrades: createUpgrades({
      store,
      registry,
      diagnose: (document) => journeys.diagnose(document),
    }),
    listening,
    live,
    options: createOptions({ store, registry, pluginContext, clock }),
    policies: createPolicies({ store, audit, clock }),
    previews: createPreviews({
      store,
      registry,
      pluginContext,
      baseUrl: settings.baseUrl,
      audit,
      clock,
    }),
    reportInbox,
    reports,
    runs: createRuns({ store, plans, registry, enrolment, audit, clock }),
    simulations,
    sandbox,
    player,
    subjects,
    tasks: createTasks({ store, reports, audit, log, clock }),
    tour: createTour({
      demo: settings.demo,
      baseUrl: settings.baseUrl,
      ids,
      catalogue,
      enrolment,
      intake,
      audit,
    }),
    tracking: createTracking({ store, signer, reports, subjects, clock }),
    async close() {
      bulk.close();
      freezing.close();
      simulations.close();
      stop();
      stopWatching();
      player.close();
      await listening.close();
      await live.close();
    },
  };
}

/** Pauses that all end when the process does. */
function createPause(): { pause: (ms: number) => Promise<void>; stop: () => void } {
  const waiting = new Map<NodeJS.Timeout, () => void>();
  return {
    pause: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiting.delete(timer);
          resolve();
        }, ms);
        waiting.set(timer, resolve);
      }),
    stop: () => {
      for (const [timer, resolve] of waiting) {
        clearTimeout(timer);
        resolve();
      }
      waiting.clear();
    },
  };
}
