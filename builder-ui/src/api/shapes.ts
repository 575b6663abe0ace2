import type { CalledJourney } from '@sojourn/engine';
import type { JourneyDocument, PluginManifest, Text, VersionView } from '@sojourn/schemas';

// The shapes the API speaks: types generated from its schemas, and what those leave open.

export type {
  ConnectionView as Connection,
  CountsView as Counts,
  DraftView as Draft,
  HealthView as Health,
  IncidentGroupView as IncidentGroup,
  IncidentPage,
  IncidentView as ListedIncident,
  JourneyView as JourneyInfo,
  MeView as Me,
  PartView as PartStatus,
  PlayerView as Player,
  ReportView as Report,
  RunView as Run,
  SandboxView,
  StepCountsView as StepCounts,
  SubjectView as Subject,
  TaskQueueView as TaskQueue,
  TaskView as Task,
  TrailEntryView as TrailEntry,
  VersionView as VersionInfo,
} from '@sojourn/schemas';

export type JourneyState = 'draft' | 'live' | 'paused' | 'closed';

/** Where a plugin comes from, and what is wrong with its newest code. */
export interface PluginDeployment {
  origin: 'shipped' | 'own';
  status: 'ready' | 'loading' | 'broken';
  detail?: string;
  at?: string;
}

export type Plugin = PluginManifest & { deployment?: PluginDeployment };

/** A folder with a plugin that could not be loaded at all. */
export interface BrokenPlugin {
  folder: string;
  detail: string;
  at: string;
}

export interface PluginPage {
  items: Plugin[];
  broken?: BrokenPlugin[];
}

export interface Page<Item> {
  items: Item[];
  nextCursor?: string | null;
}

/** A version as a call sees it, last, behind those that it calls in turn. */
export interface CalledJourneys {
  items: CalledJourney[];
}

/** A version read by itself has its document. */
export interface Version extends VersionView {
  document: VersionView['document'] & JourneyDocument;
}

/** Something that the other side can do. */
export interface SandboxMove {
  type: string;
  title: Text;
  /** Whether it is one of the ways in which things go wrong. */
  harm?: boolean;
  /** A JSON Schema of what is said with it. */
  input?: Record<string, unknown>;
}

/** One thing in the outside world. */
export interface SandboxItem {
  id: string;
  to: string;
  at?: string;
  state?: string;
  moves?: SandboxMove[];
}

/** A step's config rendered for one person, and the message a channel makes of it where it makes one. */
export interface Preview {
  config?: Record<string, unknown>;
  subject?: string;
  html?: string;
  text?: string;
  to?: string | null;
  /** Of a text message: how it is written, how many it is sent as, what the last has room for. */
  encoding?: string;
  parts?: number;
  left?: number;
}

/** A step of a draft whose plugin asks for another form by now. */
export interface UpgradeOffer {
  step: string;
  uses: string;
  from: number;
  to: number;
}

/** Some choices for a field of a form. */
export interface OptionsPage {
  items: { value: string; label: string }[];
  nextCursor: string | null;
}
