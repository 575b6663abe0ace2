import {
  escapePointer,
  type ActionStep,
  type PluginManifest,
  type SplitStep,
  type WaitStep,
  type Window,
} from '@sojourn/schemas';
import { isObject } from '../json.ts';
import { actionManifest } from '../ports.ts';
import { parseDuration, type Duration } from '../time/duration.ts';
import { isZone, momentOf } from '../time/instants.ts';
import { isEmptyWindow } from '../time/windows.ts';

import { configFaults, isComputedValue } from './config.ts';
import type { CompileEnvironment } from './environment.ts';
import { checkTemplateNames, nearest } from './expressions.ts';
import type { Report } from './report.ts';
import { elementsOf, type Left, type Shape } from './shape.ts';
import { readTemplate } from './templates.ts';

/** Reports what is wrong with times, plugins and whatever else a single step says. */
export function checkSteps(shape: Shape, environment: CompileEnvironment, report: Report): void {
  for (const [id, step] of Object.entries(shape.steps)) {
    checkDurations(step, `/steps/${escapePointer(id)}`, id, report);
    if (step.kind === 'wait') checkWait(step, id, shape, environment, report);
    if (step.kind === 'action' && step.uses !== undefined)
      checkAction({ ...step, uses: step.uses }, id, shape, environment, report);
    if (step.kind === 'split') checkArms(step, id, shape, report);
  }
}

function checkArms({ arms }: Left<SplitStep>, id: string, shape: Shape, report: Report): void {
  const pointer = `/steps/${escapePointer(id)}/arms`;
  if (arms === undefined || !shape.isSound(pointer)) return;
  if (elementsOf(arms).some(([, { weight = 0 }]) => weight > 0)) return;
  report.add({
    code: 'schema/invalid',
    pointer,
    stepId: id,
    message: 'At least one arm needs a weight above 0.',
  });
}

const durationFields = new Set([
  'after',
  'offset',
  'spread',
  'expires',
  'deadline',
  'timeout',
  'firstDelay',
  'maxDelay',
]);

function checkDurations(value: unknown, pointer: string, stepId: string, report: Report): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      checkDurations(item, `${pointer}/${index}`, stepId, report);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === 'with') continue;
    const own = `${pointer}/${escapePointer(key)}`;
    if (!durationFields.has(key) || typeof item !== 'string') {
      checkDurations(item, own, stepId, report);
    } else if (!parseDuration(item)) {
      report.add({
        code: 'schema/invalid',
        pointer: own,
        stepId,
        message: `'${item}' is no duration of at most 100 years: give one such as PT15M or P3D.`,
      });
    } else if (key !== 'offset' && item.startsWith('-')) {
      report.add({
        code: 'schema/invalid',
        pointer: own,
        stepId,
        message: `'${item}' goes back in time: give a duration such as PT15M or P3D.`,
      });
    }
  }
}

function checkWait(
  step: Left<WaitStep>,
  id: string,
  shape: Shape,
  environment: CompileEnvironment,
  report: Report,
): void {
  const zone = shape.document.timeZone;
  for (const [index, alternative] of elementsOf(step.for)) {
    const pointer = `/steps/${escapePointer(id)}/for/${index}`;
    const isKnown = (field: string): boolean => shape.isSound(`${pointer}/${field}`);
    if ('after' in alternative) {
      const duration = parseDuration(alternative.after);
      if (duration && isZero(duration)) {
        report.add({
          code: 'time/zero-wait',
          pointer: `${pointer}/after`,
          stepId: id,
          message: 'This wait takes no time. Give a duration such as PT15M or P3D, or remove it.',
        });
      }
    }
    if ('at' in alternative && typeof alternative.at === 'string') {
      const rule = { at: alternative.at, offset: alternative.offset, time: alternative.time };
      const moment = momentOf(
        rule,
        zone !== undefined && isZone(zone) ? zone : environment.timeZone,
      );
      if (moment === undefined) {
        report.add({
          code: 'schema/invalid',
          pointer: `${pointer}/at`,
          stepId: id,
          message: `'${alternative.at}' is no date or instant: give one such as 2027-01-05 or 2027-01-05T09:00:00Z.`,
        });
      } else if (moment < environment.now && isKnown('offset') && isKnown('time')) {
        report.add({
          code: 'time/in-the-past',
          pointer: `${pointer}/at`,
          stepId: id,
          message: `${new Date(moment).toISOString()} is past already: everybody would go on at once.`,
        });
      }
    }
    if ('window' in alternative)
      checkWindow(alternative.window, `${pointer}/window`, id, shape, environment, report);
  }
}

function checkWindow(
  window: Left<Window>,
  pointer: string,
  stepId: string,
  shape: Shape,
  { calendars = [] }: CompileEnvironment,
  report: Report,
): void {
  if (shape.isSound(pointer) && isEmptyWindow(window)) {
    report.add({
      code: 'time/empty-window',
      pointer,
      stepId,
      message: 'The window ends when it begins: nobody would ever pass.',
    });
  }
  const { calendar } = window;
  if (calendar === undefined || calendars.some(({ id }) => id === calendar)) return;
  const ids = calendars.map(({ id }) => id);
  const meant = nearest(calendar, new Set(ids));
  const known = ids.length === 0 ? 'There is none here.' : `There is ${ids.join(', ')}.`;
  report.add({
    code: 'schema/invalid',
    pointer: `${pointer}/calendar`,
    stepId,
    message: `There is no calendar '${calendar}'. ${meant === undefined ? known : `Did you mean '${meant}'? ${known}`}`,
    values: { calendar },
    ...(meant === undefined
      ? {}
      : {
          fix: {
            title: `Use the calendar '${meant}'`,
            patch: [{ op: 'replace', path: `${pointer}/calendar`, value: meant }],
          },
        }),
  });
}

function isZero(duration: Duration): boolean {
  return duration.years + duration.months + duration.weeks + duration.days + duration.exactMs === 0;
}

type Action = Left<ActionStep> & Pick<ActionStep, 'uses'>;

function checkAction(
  step: Action,
  id: string,
  shape: Shape,
  environment: CompileEnvironment,
  report: Report,
): void {
  const found = actionManifest(step, environment.manifests);
  const pointer = `/steps/${escapePointer(id)}`;
  if (!found) {
    report.add({
      code: 'plugin/unknown',
      pointer: `${pointer}/uses`,
      stepId: id,
      message: `No plugin offers '${step.uses}'. ${offer(step.uses, environment.manifests)}`,
      values: { uses: step.uses },
    });
    return;
  }
  const { plugin, action } = found;
  if (action.deprecated !== undefined) {
    report.add({
      code: 'plugin/deprecated',
      severity: 'warning',
      pointer: `${pointer}/uses`,
      stepId: id,
      message: `'${step.uses}' is deprecated: ${action.deprecated}`,
    });
  }
  const isKnown = (field: string): boolean => shape.isSound(`${pointer}/${field}`);
  if (action.contact === true && step.purpose === undefined && isKnown('purpose')) {
    report.add({
      code: 'policy/purpose-missing',
      pointer,
      stepId: id,
      message: `Step '${id}' contacts people and must say for what purpose, so that their consent can be asked.`,
      fix: {
        title: "Set the purpose to 'support'",
        patch: [{ op: 'add', path: `${pointer}/purpose`, value: 'support' }],
      },
    });
  }
  if (isKnown('connection'))
    checkConnection(step, id, plugin, action.connection, environment, report);
  if (isKnown('with')) checkConfig(step, id, action.config, shape, report);
}

function offer(uses: string, manifests: readonly PluginManifest[]): string {
  const known = manifests.flatMap((manifest) =>
    Object.keys(manifest.actions).map((name) => `${manifest.id}/${name}`),
  );
  return known.length === 0
    ? `Install the plugin '${uses.split('/')[0] ?? ''}'.`
    : `There is ${known.join(', ')}.`;
}

function checkConnection(
  step: Action,
  id: string,
  plugin: PluginManifest,
  type: string | undefined,
  environment: CompileEnvironment,
  report: Report,
): void {
  if (type === undefined || environment.connections === undefined) return;
  const fitting = environment.connections.filter(
    (connection) => connection.plugin === plugin.id && connection.type === type,
  );
  const chosen =
    step.connection === undefined
      ? fitting.find((connection) => connection.default)
      : fitting.find((connection) => connection.id === step.connection);
  if (chosen) return;
  report.add({
    code: 'plugin/connection-missing',
    pointer:
      step.connection === undefined
        ? `/steps/${escapePointer(id)}`
        : `/steps/${escapePointer(id)}/connection`,
    stepId: id,
    message:
      step.connection === undefined
        ? `'${step.uses}' needs a connection, and there is no default one for '${plugin.id}'. Choose one, or make one.`
        : `There is no connection '${step.connection}' for '${plugin.id}'. Choose another, or make it.`,
    values: { connection: step.connection ?? '' },
  });
}

/** Checks `with` against the action's schema. A computed value is not known yet: it may be anything. */
function checkConfig(
  step: Action,
  id: string,
  schema: Record<string, unknown>,
  shape: Shape,
  report: Report,
): void {
  const config = step.with ?? {};
  for (const fault of configFaults(schema, config)) {
    report.add({
      code: 'plugin/config-invalid',
      pointer: `/steps/${escapePointer(id)}/with${fault.pointer}`,
      stepId: id,
      message: `${step.uses}${fault.pointer === '' ? '' : ` ${fault.pointer}`}: ${fault.detail}`,
    });
  }
  checkTemplates(config, schema, `/steps/${escapePointer(id)}/with`, id, shape, report);
}

function checkTemplates(
  value: unknown,
  schema: unknown,
  pointer: string,
  stepId: string,
  shape: Shape,
  report: Report,
): void {
  if (!isObject(schema)) return;
  if (typeof value === 'string' && schema['x-template'] === true) {
    const { fault, names } = readTemplate(value);
    if (fault)
      report.add({
        code: 'expr/syntax',
        pointer,
        stepId,
        message: `The text cannot be read: ${fault}`,
      });
    else checkTemplateNames(names, { pointer, stepId }, shape, report);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      checkTemplates(
        item,
        schemaWithin(schema, 'items'),
        `${pointer}/${index}`,
        stepId,
        shape,
        report,
      );
  } else if (isObject(value) && !isComputedValue(value)) {
    const properties = isObject(schema['properties']) ? schema['properties'] : {};
    const others = schemaWithin(schema, 'additionalProperties');
    for (const [key, item] of Object.entries(value)) {
      checkTemplates(
        item,
        Object.hasOwn(properties, key) ? properties[key] : others,
        `${pointer}/${escapePointer(key)}`,
        stepId,
        shape,
        report,
      );
    }
  }
}

/** The schema of what has none of its own: in an object or a list that is a template, every text is one. */
function schemaWithin(schema: Record<string, unknown>, keyword: string): unknown {
  return schema[keyword] ?? (schema['x-template'] === true ? { 'x-template': true } : undefined);
}
