import { Handle, Position, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { StepIcon } from '../ui/Icon.tsx';
import { MarkerIcon } from './MarkerIcon.tsx';
import type { StepNodeType } from './graph.ts';

/** The parts of a step's card. The card itself is React Flow's own element. */
export const StepNode = memo(function StepNode({ id, data }: NodeProps<StepNodeType>) {
  const { looks, title, line, ports, overlay, editable } = data;
  const width = `${Math.floor(208 / Math.max(ports.length, 2)) - 2}px`;
  return (
    <>
      <span className="g">
        <StepIcon name={looks.icon} size={17} />
      </span>
      <b className="t" title={title}>
        {title}
      </b>
      <span className="s">
        {overlay?.count === undefined ? null : <b>{overlay.count} </b>}
        {overlay?.line ?? line}
        {overlay?.alarm === undefined ? null : <em> · {overlay.alarm}</em>}
      </span>
      {id === '@entry' ? null : (
        <Handle
          id="in"
          type="target"
          position={Position.Top}
          isConnectable={editable}
          isConnectableStart={false}
          aria-hidden
        />
      )}
      {ports.map((port) => (
        <Handle
          key={port.port}
          id={port.port}
          type="source"
          position={Position.Bottom}
          isConnectable={editable}
          isConnectableEnd={false}
          className={port.open ? 'open' : port.idle ? 'idle' : ''}
          style={{ left: port.left, '--port-width': width } as React.CSSProperties}
          data-p={port.label === '' ? undefined : port.label}
          aria-hidden
        />
      ))}
      {overlay?.heat ? (
        <span className="h" style={{ '--heat': overlay.heat } as React.CSSProperties} />
      ) : null}
      {overlay?.marker ? (
        <em className={`m ${overlay.marker.tone}`}>
          <MarkerIcon name={overlay.marker.icon} />
          {overlay.marker.text}
        </em>
      ) : null}
    </>
  );
});
