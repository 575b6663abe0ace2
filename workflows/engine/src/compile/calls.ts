import { escapePointer, type CallStep } from '@sojourn/schemas';
import { calledVersion, type CompileEnvironment } from './environment.ts';
import type { Report } from './report.ts';
import type { Left, Shape } from './shape.ts';
import { configFaults } from './config.ts';

/** Reports calls of journeys that are not there, or that would come back to the caller. */
export function checkCalls(shape: Shape, environment: CompileEnvironment, report: Report): void {
  for (const [id, step] of Object.entries(shape.steps)) {
    if (step.kind === 'call' && step.journey !== undefined)
      checkCall(id, { ...step, journey: step.journey }, shape, environment, report);
  }
}

function checkCall(
  id: string,
  step: Left<CallStep> & Pick<CallStep, 'journey'>,
  shape: Shape,
  { journeys }: CompileEnvironment,
  report: Report,
): void {
  const pointer = `/steps/${escapePointer(id)}`;
  const own = shape.document.key;
  if (journeys === undefined) return;
  const isVersionKnown = shape.isSound(`${pointer}/version`);
  const called = isVersionKnown ? calledVersion(step, journeys) : undefined;
  if (step.journey === own || (own !== undefined && called?.calls.includes(own) === true)) {
    const through = step.journey === own ? '' : ` by way of '${step.journey}'`;
    report.add({
      code: 'call/recursion',
      pointer: `${pointer}/journey`,
      stepId: id,
      message: `Step '${id}' would start this journey again${through}. Use an edge back, or another journey.`,
      values: { journey: step.journey },
    });
    return;
  }
  if (!called) {
    const versions = journeys.filter(({ key }) => key === step.journey);
    if (!isVersionKnown && versions.length > 0) return;
    const known = [...new Set(journeys.map(({ key }) => key))];
    report.add({
      code: 'call/unknown-journey',
      pointer: versions.length > 0 ? `${pointer}/version` : `${pointer}/journey`,
      stepId: id,
      message:
        versions.length > 0
          ? `Journey '${step.journey}' has no version ${step.version ?? ''}. It has ${versions.map(({ version }) => version).join(', ')}.`
          : `There is no published journey '${step.journey}'. ${known.length === 0 ? 'Publish it first.' : `There is ${known.join(', ')}.`}`,
      values: { journey: step.journey },
    });
    return;
  }
  const { subject } = shape.document;
  const isForSame = step.subject === undefined && shape.isSound(`${pointer}/subject`);
  if (isForSame && subject !== undefined && subject !== called.subjectType) {
    report.add({
      code: 'schema/invalid',
      pointer,
      stepId: id,
      message: `'${step.journey}' is for a ${called.subjectType}, and this journey for a ${subject}: say for whom in 'subject', as type/key.`,
    });
  }
  if (called.inputs === undefined || !shape.isSound(`${pointer}/with`)) return;
  const given = step.with ?? {};
  for (const fault of configFaults(called.inputs, given)) {
    report.add({
      code: 'schema/invalid',
      pointer: `${pointer}/with${fault.pointer}`,
      stepId: id,
      message: `${step.journey}${fault.pointer === '' ? '' : ` ${fault.pointer}`}: ${fault.detail}`,
    });
  }
}
