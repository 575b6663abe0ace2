import { Switch } from '@mantine/core';
import type { Exit, Goal } from '@sojourn/schemas';
import { IconPlus } from '@tabler/icons-react';
import { useManifests } from '../api/queries.ts';
import { freshId } from '../document/edits.ts';
import { useDocument } from '../editor/store.ts';
import { useWords } from '../i18n/use-words.ts';
import { Button } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';
import { CelField, DurationField, EventField, IdField } from './fields.tsx';
import { ListBox, moved } from './ListBox.tsx';
import { useSetJourney } from './use-set-journey.ts';
import { withField } from './use-step-edit.ts';
import { eventTypes } from './WaitEditor.tsx';

/** What ends a run at once, wherever it stands. */
export function ExitSettings() {
  const { t } = useWords();
  const set = useSetJourney();
  const exits = useDocument().exits ?? [];
  const ids = exits.map((exit) => exit.id);
  const write = (list: Exit[], field?: string): void =>
    set('exits', list.length > 0 ? list : undefined, field);
  return (
    <details open={exits.length > 0}>
      <summary>{t('settings.exits')}</summary>
      <div className="col">
        <p className="hint">{t('settings.exitsHint')}</p>
        {exits.map((exit, index) => (
          <ListBox
            key={index}
            title={exit.id}
            index={index}
            count={Math.max(exits.length, 2)}
            onMove={(by) => write(moved(exits, index, by))}
            onRemove={() => write(exits.filter((_, at) => at !== index))}
          >
            <IdField
              label={t('settings.exitId')}
              value={exit.id}
              taken={ids}
              onCommit={(id) => write(exits.with(index, { ...exit, id }))}
            />
            <TriggerFields
              label={t('settings.exitBy')}
              pointer={`/exits/${index}`}
              value={exit}
              first="consent.withdrawn"
              onChange={(trigger, field) => {
                const { id, outcome } = exit;
                write(exits.with(index, { id, outcome, ...trigger }), field && `x${field}${index}`);
              }}
            />
            <IdField
              label={t('end.outcome')}
              value={exit.outcome}
              onCommit={(outcome) => write(exits.with(index, { ...exit, outcome }))}
            />
          </ListBox>
        ))}
        <Button
          icon={<IconPlus size={15} />}
          onClick={() => {
            const id = freshId('exit', (one) => ids.includes(one));
            write([...exits, { id, event: 'consent.withdrawn', outcome: 'withdrawn' }]);
          }}
        >
          {t('settings.addExit')}
        </Button>
      </div>
    </details>
  );
}

/** What a run is for: noted when it is reached, and the end of the run if so chosen. */
export function GoalSettings() {
  const { t } = useWords();
  const set = useSetJourney();
  const goals = useDocument().goals ?? [];
  const ids = goals.map((goal) => goal.id);
  const write = (list: Goal[], field?: string): void =>
    set('goals', list.length > 0 ? list : undefined, field);
  return (
    <details open={goals.length > 0}>
      <summary>{t('settings.goals')}</summary>
      <div className="col">
        <p className="hint">{t('settings.goalsHint')}</p>
        {goals.map((goal, index) => (
          <ListBox
            key={index}
            title={goal.id}
            index={index}
            count={Math.max(goals.length, 2)}
            onMove={(by) => write(moved(goals, index, by))}
            onRemove={() => write(goals.filter((_, at) => at !== index))}
          >
            <IdField
              label={t('settings.goalId')}
              value={goal.id}
              taken={ids}
              onCommit={(id) => write(goals.with(index, { ...goal, id }))}
            />
            <TriggerFields
              label={t('settings.goalBy')}
              pointer={`/goals/${index}`}
              value={goal}
              first="subject.changed"
              onChange={(trigger, field) => {
                const { event: _event, if: _if, when: _when, ...rest } = goal;
                write(goals.with(index, { ...rest, ...trigger }), field && `g${field}${index}`);
              }}
            />
            <DurationField
              optional
              label={t('settings.within')}
              pointer={`/goals/${index}/within`}
              value={goal.within}
              onChange={(within) =>
                write(goals.with(index, withField(goal, 'within', within)), `gd${index}`)
              }
            />
            <Switch
              label={t('settings.ends')}
              checked={goal.ends ?? false}
              onChange={(event) =>
                write(
                  goals.with(
                    index,
                    withField(goal, 'ends', event.currentTarget.checked || undefined),
                  ),
                )
              }
            />
          </ListBox>
        ))}
        <Button
          icon={<IconPlus size={15} />}
          onClick={() => {
            const id = freshId('goal', (one) => ids.includes(one));
            write([...goals, { id, event: 'subject.changed' }]);
          }}
        >
          {t('settings.addGoal')}
        </Button>
      </div>
    </details>
  );
}

type Trigger = Pick<Exit, 'event' | 'if' | 'when'>;

/** An event, perhaps under a condition, or a condition alone. */
function TriggerFields(props: {
  label: string;
  pointer: string;
  value: Trigger;
  /** The event that is taken first. */
  first: string;
  onChange: (trigger: Trigger, field?: string) => void;
}) {
  const { t } = useWords();
  const events = eventTypes(useManifests(), ['consent.withdrawn', 'subject.changed']);
  const { label, pointer, first, onChange } = props;
  const { event, if: onlyIf, when } = props.value;
  const byEvent: Trigger = { event: event ?? '', ...(onlyIf === undefined ? {} : { if: onlyIf }) };
  return (
    <>
      <Segments
        label={label}
        value={when === undefined ? 'event' : 'when'}
        options={[
          { value: 'event', label: t('wait.types.event') },
          { value: 'when', label: t('wait.types.when') },
        ]}
        onChange={(how) =>
          onChange(how === 'event' ? { event: first } : { when: 'has(subject.status)' })
        }
      />
      {when === undefined ? (
        <>
          <EventField
            label={t('wait.event')}
            events={events}
            pointer={`${pointer}/event`}
            value={event ?? ''}
            onChange={(next) => onChange({ ...byEvent, event: next }, 'e')}
          />
          <CelField
            label={t('wait.onlyIf')}
            pointer={`${pointer}/if`}
            value={onlyIf ?? ''}
            onChange={(next) => onChange(withField(byEvent, 'if', next), 'i')}
          />
        </>
      ) : (
        <CelField
          label={t('wait.condition')}
          pointer={`${pointer}/when`}
          value={when}
          onChange={(next) => onChange({ when: next }, 'w')}
        />
      )}
    </>
  );
}
