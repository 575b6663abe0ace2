import type { CalledJourney } from '@sojourn/engine';
import type { JourneyDocument, PluginManifest, VersionView } from '@sojourn/schemas';

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
  RunView as Run,
  StepCountsView as StepCounts,
  TrailEntryView as TrailEntry,
  VersionView as VersionInfo,
} from '@sojourn/schemas';

export type JourneyState = 'draft' | 'live' | 'paused' | 'closed';
export type Plugin = PluginManifest;

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

/** A mail in the sandbox. */
export interface Mail {
  id: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html?: string | null;
  links: string[];
  receivedAt: string;
  headers: Record<string, string | string[]>;
}

/** A step's config rendered for one person, and the message a channel makes of it where it makes one. */
export interface Preview {
  config?: Record<string, unknown>;
  subject?: string;
  html?: string;
  text?: string;
  to?: string;
}
