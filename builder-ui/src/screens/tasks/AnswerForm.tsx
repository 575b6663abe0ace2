import { Textarea } from '@mantine/core';
import { IconArrowBackUp, IconFlag } from '@tabler/icons-react';
import { lazy, Suspense, useId, useRef, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import type { Task } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { localized } from '../../inspector/form/schema.ts';
import { speakOut } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { Skeleton } from '../../ui/StateView.tsx';
import { useTaskDraft } from './drafts.ts';
import { answerFaults, formFaults, given } from './rules.ts';
import { useRefusal, useTaskMove } from './use-task-move.ts';

const SchemaForm = lazy(async () => ({
  default: (await import('../../inspector/form/SchemaForm.tsx')).SchemaForm,
}));

export interface AnswerFormProps {
  task: Task;
  /** Whether whoever looks has the task; else what they wrote is only kept. */
  mine: boolean;
  onDone: () => void;
}

type Outcome = Task['outcomes'][number];

/** What is filled in, and the ways in which the task may go on: each says what it will do. */
export function AnswerForm({ task, mine, onDone }: AnswerFormProps) {
  const { t, language, duration } = useWords();
  const { draft, write, discard } = useTaskDraft(task.id);
  const [tried, setTried] = useState<Outcome>();
  const fields = useRef<HTMLDivElement>(null);
  const refusalOf = useRefusal();
  const answer = useTaskMove(task.id, () => {
    discard();
    onDone();
  });
  const { form } = task;

  const schema = form ? localized(form, language) : undefined;
  const faultsFor = ({ needsForm }: Outcome): Record<string, string> =>
    schema
      ? formFaults(schema, given(draft.values), {
          ...{ needed: needsForm, required: t('form.required') },
        })
      : {};
  const refused = answer.error instanceof ApiError ? (answer.error.problem.errors ?? []) : [];
  const faults = { ...(tried ? faultsFor(tried) : {}), ...answerFaults(refused).fields };

  const pointOut = (found: Record<string, string>): void => {
    speakOut(t('tasks.faults', { count: Object.keys(found).length }));
    requestAnimationFrame(() => focusFirst(fields.current, Object.keys(found)));
  };
  const give = (outcome: Outcome): void => {
    const { port, label, backAfter } = outcome;
    const found = faultsFor(outcome);
    answer.reset();
    setTried(outcome);
    if (Object.keys(found).length > 0) {
      pointOut(found);
      return;
    }
    const values = given(draft.values);
    const note = draft.note.trim();
    answer.mutate(
      {
        to: 'outcome',
        body: { outcome: port, values, ...(note === '' ? {} : { note }) },
        said:
          backAfter === null
            ? t('tasks.said.done', { outcome: label })
            : t('tasks.said.attempted', { outcome: label, time: duration(backAfter) }),
      },
      {
        onError: (error) => {
          const errors = error instanceof ApiError ? (error.problem.errors ?? []) : [];
          const { fields: wrong } = answerFaults(errors);
          if (Object.keys(wrong).length > 0) pointOut(wrong);
        },
      },
    );
  };

  const refusal = refusalOf(answer.error);
  return (
    <section className="col answer" aria-label={t('tasks.answer')}>
      {mine ? null : (
        <div className="note warn" role="status">
          <span>{t('tasks.kept')}</span>
          <Button className="end" onClick={discard}>
            {t('tasks.discard')}
          </Button>
        </div>
      )}
      {form ? (
        <div ref={fields}>
          <Suspense fallback={<Skeleton rows={3} height={46} />}>
            <SchemaForm
              schema={form}
              value={draft.values}
              faults={faults}
              onChange={(values) => {
                write({ values });
                if (refused.length > 0) answer.reset();
              }}
            />
          </Suspense>
        </div>
      ) : null}
      <Textarea
        label={t('tasks.note')}
        description={t('tasks.noteHint')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        autosize
        minRows={2}
        maxLength={10_000}
        value={draft.note}
        onChange={(event) => write({ note: event.currentTarget.value })}
      />
      {refusal === undefined ? null : (
        <p className="hint bad" role="alert">
          {refusal}
        </p>
      )}
      {mine ? (
        <ul className="outcomes" aria-label={t('tasks.outcomes')}>
          {task.outcomes.map((outcome) => (
            <OutcomeButton
              key={outcome.port}
              outcome={outcome}
              disabled={answer.isPending}
              onGive={give}
            />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function OutcomeButton(props: {
  outcome: Outcome;
  disabled: boolean;
  onGive: (outcome: Outcome) => void;
}) {
  const { t, duration } = useWords();
  const hint = useId();
  const { outcome, disabled, onGive } = props;
  const { label, backAfter } = outcome;
  return (
    <li className="row">
      <Button
        aria-describedby={hint}
        disabled={disabled}
        icon={
          backAfter === null ? (
            <IconFlag size={15} aria-hidden />
          ) : (
            <IconArrowBackUp size={15} aria-hidden />
          )
        }
        onClick={() => onGive(outcome)}
      >
        {label}
      </Button>
      <span id={hint} className="sm mut">
        {backAfter === null
          ? t('tasks.endsTask')
          : t('tasks.backAfter', { time: duration(backAfter) })}
      </span>
    </li>
  );
}

/** Puts the cursor into the first field with a fault. */
function focusFirst(root: HTMLElement | null, pointers: readonly string[]): void {
  const ids = pointers.map((pointer) => `root${pointer.replaceAll('/', '_')}`);
  const found = [...(root?.querySelectorAll<HTMLElement>('input, textarea, button') ?? [])];
  (found.find((element) => ids.includes(element.id)) ?? found[0])?.focus();
}
