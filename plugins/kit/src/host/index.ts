export { createContext } from './context.ts';
export { createEgress, type Egress, type EgressRule } from './egress.ts';
export { createLinks, signatureOf, signedText } from './links.ts';
export { foreignPlugin } from './foreign-plugin.ts';
export { PluginLoadError, startPluginProcess, type PluginProcess } from './plugin-process.ts';
export { startStandIn, StandInError, type StandInOptions } from './stand-in.ts';
