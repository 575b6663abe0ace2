import type { PluginManifest } from '@sojourn/schemas';

/** What a document is compiled against. Without `connections`, connections are not looked for. */
export interface CompileEnvironment {
  manifests: readonly PluginManifest[];
  connections?: readonly { id: string; plugin: string; type: string; default: boolean }[];
  /** The deployment's zone: used when neither the subject nor the journey has one. */
  timeZone: string;
  /** Milliseconds since 1970. */
  now: number;
}
