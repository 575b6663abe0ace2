import { NumberInput, Switch, TextInput } from '@mantine/core';
import type { BranchStep, EndStep, RepeatStep, SetStep, SplitStep, Step } from '@sojourn/schemas';
import { IconPlus } from '@tabler/icons-react';
import { freshId, slugOf } from '../document/edits.ts';
import { useWords } from '../i18n/use-words.ts';
import { Button } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';
import { ActionEditor } from './ActionEditor.tsx';
import { CallEditor } from './CallEditor.tsx';
import { CelField, IdField } from './fields.tsx';
import { ListBox, moved } from './ListBox.tsx';
import { JoinEditor, ParallelEditor } from './ParallelEditor.tsx';
import { useStepEdit, withField } from './use-step-edit.ts';
import { WaitEditor } from './WaitEditor.tsx';

/** What can be configured of a step, by its kind. */
export function StepEditor({ id, step }: { id: string; step: Step }) {
  switch (step.kind) {
    case 'action':
      return <ActionEditor id={id} step={step} />;
    case 'wait':
      return <WaitEditor id={id} step={step} />;
    case 'branch':
      return <BranchEditor id={id} step={step} />;
    case 'split':
      return <SplitEditor id={id} step={step} />;
    case 'repeat':
      return <RepeatEditor id={id} step={step} />;
    case 'set':
      return <SetEditor id={id} step={step} />;
    case 'end':
      return <EndEditor id={id} step={step} />;
    case 'parallel':
      return <ParallelEditor id={id} step={step} />;
    case 'join':
      return <JoinEditor id={id} step={step} />;
    case 'call':
      return <CallEditor id={id} step={step} />;
  }
}

function BranchEditor({ id, step }: { id: string; step: BranchStep }) {
  const { t } = useWords();
  const edit = useStepEdit(id);
  const ports = step.cases.map((one) => one.port);
  const write = (
    cases: BranchStep['cases'],
    field?: string,
    change?: Parameters<typeof edit>[2],
  ): void => edit({ ...step, cases }, field, change);
  return (
    <>
      {step.cases.map((one, index) => (
        <ListBox
          key={one.port}
          title={t('branch.case', { number: index + 1 })}
          index={index}
          count={step.cases.length}
          onMove={(by) => write(moved(step.cases, index, by))}
          onRemove={() =>
            write(
              step.cases.filter((_, at) => at !== index),
              undefined,
              { gone: [one.port] },
            )
          }
        >
          <CelField
            label={t('branch.if')}
            pointer={`/steps/${id}/cases/${index}/if`}
            value={one.if}
            onChange={(value) =>
              write(step.cases.with(index, { ...one, if: value }), `case${index}`)
            }
          />
          <IdField
            label={t('inspector.port')}
            value={one.port}
            taken={[...ports, 'else']}
            onCommit={(port) =>
              write(step.cases.with(index, { ...one, port }), undefined, {
                renamed: { [one.port]: port },
              })
            }
          />
        </ListBox>
      ))}
      <p className="hint">{t('branch.else')}</p>
      <Button
        icon={<IconPlus size={15} />}
        onClick={() =>
          write([
            ...step.cases,
            {
              port: freshId('case', (port) => ports.includes(port)),
              if: 'true',
            },
          ])
        }
      >
        {t('branch.add')}
      </Button>
    </>
  );
}

function SplitEditor({ id, step }: { id: string; step: SplitStep }) {
  const { t, language } = useWords();
  const edit = useStepEdit(id);
  const sum = step.arms.reduce((total, arm) => total + arm.weight, 0);
  const share = (weight: number): string =>
    new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(
      sum > 0 ? weight / sum : 0,
    );
  const ports = step.arms.map((arm) => arm.port);
  const write = (
    arms: SplitStep['arms'],
    field?: string,
    change?: Parameters<typeof edit>[2],
  ): void => edit({ ...step, arms }, field, change);
  return (
    <>
      {step.arms.map((arm, index) => (
        <ListBox
          key={arm.port}
          title={t('split.arm', { number: index + 1, share: share(arm.weight) })}
          index={index}
          count={step.arms.length}
          onMove={(by) => write(moved(step.arms, index, by))}
          onRemove={() =>
            write(
              step.arms.filter((_, at) => at !== index),
              undefined,
              { gone: [arm.port] },
            )
          }
        >
          <div className="pair">
            <IdField
              label={t('inspector.port')}
              value={arm.port}
              taken={ports}
              onCommit={(port) =>
                write(step.arms.with(index, { ...arm, port }), undefined, {
                  renamed: { [arm.port]: port },
                })
              }
            />
            <NumberInput
              label={t('split.weight')}
              min={0}
              max={1_000_000}
              value={arm.weight}
              onChange={(weight) =>
                write(
                  step.arms.with(index, { ...arm, weight: Number(weight) || 0 }),
                  `weight${index}`,
                )
              }
            />
          </div>
        </ListBox>
      ))}
      <Button
        icon={<IconPlus size={15} />}
        onClick={() =>
          write([
            ...step.arms,
            { port: freshId('arm', (port) => ports.includes(port)), weight: 50 },
          ])
        }
      >
        {t('split.add')}
      </Button>
      <p className="hint">{t('split.stable')}</p>
      <details>
        <summary>{t('inspector.more')}</summary>
        <div className="col">
          <TextInput
            label={t('split.experiment')}
            description={t('split.experimentHint')}
            value={step.experiment ?? ''}
            onChange={(event) =>
              edit(withField(step, 'experiment', event.currentTarget.value), 'experiment')
            }
          />
          <CelField
            label={t('split.by')}
            description={t('split.byHint')}
            placeholder="subject.household"
            pointer={`/steps/${id}/by`}
            value={step.by ?? ''}
            onChange={(value) => edit(withField(step, 'by', value), 'by')}
          />
        </div>
      </details>
    </>
  );
}

function RepeatEditor({ id, step }: { id: string; step: RepeatStep }) {
  const { t } = useWords();
  const edit = useStepEdit(id);
  const computed = typeof step.times !== 'number';
  return (
    <>
      <div className="field">
        <span className="lab">{t('repeat.times')}</span>
        <div className="row">
          <Segments
            label={t('repeat.times')}
            value={computed ? 'computed' : 'fixed'}
            options={[
              { value: 'fixed', label: t('fields.fixed') },
              { value: 'computed', label: t('fields.computed') },
            ]}
            onChange={(how) =>
              edit({ ...step, times: how === 'fixed' ? 3 : { cel: 'vars.times' } })
            }
          />
          {typeof step.times === 'number' ? (
            <NumberInput
              aria-label={t('repeat.times')}
              w={90}
              min={1}
              max={1000}
              allowDecimal={false}
              value={step.times}
              onChange={(times) => edit({ ...step, times: Math.max(1, Number(times)) }, 'times')}
            />
          ) : null}
        </div>
      </div>
      {typeof step.times === 'number' ? null : (
        <CelField
          label={t('repeat.times')}
          pointer={`/steps/${id}/times`}
          value={step.times.cel}
          onChange={(cel) => edit({ ...step, times: { cel } }, 'times')}
        />
      )}
      <CelField
        label={t('repeat.until')}
        description={t('repeat.untilHint')}
        pointer={`/steps/${id}/until`}
        value={step.until ?? ''}
        onChange={(value) => edit(withField(step, 'until', value), 'until')}
      />
    </>
  );
}

function SetEditor({ id, step }: { id: string; step: SetStep }) {
  const { t } = useWords();
  const edit = useStepEdit(id);
  const entries = Object.entries(step.vars);
  const write = (next: [string, string][], field?: string): void =>
    edit({ ...step, vars: Object.fromEntries(next) }, field);
  return (
    <>
      {entries.map(([name, value], index) => (
        <ListBox
          key={index}
          title={t('set.variable', { number: index + 1 })}
          index={index}
          count={entries.length}
          onMove={(by) => write(moved(entries, index, by))}
          onRemove={() => write(entries.filter((_, at) => at !== index))}
        >
          <TextInput
            label={t('set.name')}
            value={name}
            spellCheck={false}
            onChange={(event) => {
              const next = event.currentTarget.value.replace(/[^\w]/g, '');
              if (!entries.some(([other], at) => other === next && at !== index))
                write(entries.with(index, [next, value]), `var${index}`);
            }}
          />
          <CelField
            label={t('set.value')}
            pointer={`/steps/${id}/vars/${name}`}
            value={value}
            placeholder="vars.reminders + 1"
            onChange={(next) => write(entries.with(index, [name, next]), `value${index}`)}
          />
        </ListBox>
      ))}
      <Button
        icon={<IconPlus size={15} />}
        onClick={() =>
          write([
            ...entries,
            [
              freshId('value', (name) => entries.some(([other]) => other === name)).replaceAll(
                '-',
                '_',
              ),
              '0',
            ],
          ])
        }
      >
        {t('set.add')}
      </Button>
    </>
  );
}

function EndEditor({ id, step }: { id: string; step: EndStep }) {
  const { t } = useWords();
  const edit = useStepEdit(id);
  return (
    <>
      <TextInput
        label={t('end.outcome')}
        description={t('end.outcomeHint')}
        value={step.outcome}
        spellCheck={false}
        onChange={(event) => {
          const text = event.currentTarget.value;
          const outcome = /-$/.test(text) ? text : slugOf(text);
          edit({ ...step, outcome }, 'outcome');
        }}
      />
      <Switch
        label={t('end.stop')}
        checked={step.stop === 'run'}
        onChange={(event) =>
          edit(withField(step, 'stop', event.currentTarget.checked ? 'run' : undefined))
        }
      />
    </>
  );
}
