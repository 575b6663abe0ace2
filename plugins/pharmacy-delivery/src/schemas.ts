import { shapes } from '@sojourn/plugin-kit/fhir';

// JSON Schemas of the action, of the events and of what a pharmacy reports: forms are drawn from the first.

const text = (en: string, hant: string, hans: string) => ({ en, 'zh-Hant': hant, 'zh-Hans': hans });

/** A text whose values come from the journey. */
const template = { type: 'string', 'x-template': true, contentMediaType: 'text/plain' } as const;
const address = { ...template, maxLength: 200 } as const;

/** Config of `pharmacy-delivery/order`. */
export const orderConfig = {
  type: 'object',
  additionalProperties: false,
  required: ['medication', 'daysSupply', 'quantity'],
  properties: {
    medication: {
      type: 'object',
      additionalProperties: false,
      required: ['text'],
      title: 'Medicine',
      'x-title': text('Medicine', '藥品', '药品'),
      properties: {
        text: {
          ...template,
          minLength: 1,
          maxLength: 500,
          title: 'Name',
          'x-title': text('Name', '名稱', '名称'),
          description: 'As the label says it: name, strength, form.',
        },
        code: {
          ...template,
          maxLength: 100,
          title: 'Code',
          'x-title': text('Code', '代碼', '代码'),
        },
        system: {
          type: 'string',
          maxLength: 500,
          title: 'Code system',
          'x-title': text('Code system', '代碼系統', '代码系统'),
          description: 'Whose code it is: http://www.whocc.no/atc',
        },
      },
    },
    daysSupply: {
      type: 'integer',
      minimum: 1,
      maximum: 365,
      default: 28,
      title: "Days' supply",
      'x-title': text("Days' supply", '給藥天數', '给药天数'),
    },
    quantity: {
      type: 'number',
      exclusiveMinimum: 0,
      title: 'Quantity',
      'x-title': text('Quantity', '數量', '数量'),
      description: 'Tablets, pens, vials.',
    },
    refills: {
      type: 'integer',
      minimum: 0,
      maximum: 99,
      title: 'Refills',
      'x-title': text('Refills', '可續領次數', '可续领次数'),
      description: 'How often the prescription may be filled again.',
    },
    lastFill: {
      type: 'object',
      additionalProperties: false,
      required: ['date', 'daysSupply'],
      title: 'Last fill',
      'x-title': text('Last fill', '上次領藥', '上次领药'),
      description: 'When medicine was last handed over: with it a refill too soon is refused.',
      properties: {
        date: {
          ...template,
          title: 'Day',
          'x-title': text('Day', '日期', '日期'),
          description: 'A day, or a moment: 2026-02-28.',
        },
        daysSupply: {
          type: 'integer',
          minimum: 1,
          maximum: 365,
          title: "Days' supply",
          'x-title': text("Days' supply", '給藥天數', '给药天数'),
        },
      },
    },
    earlyDays: {
      type: 'integer',
      minimum: 0,
      maximum: 90,
      default: 7,
      title: 'Days early',
      'x-title': text('Days early', '可提前天數', '可提前天数'),
      description: 'How many days before the supply runs out a refill may be ordered.',
    },
    override: {
      ...template,
      maxLength: 500,
      title: 'Reason to refill early',
      'x-title': text('Reason to refill early', '提前領藥原因', '提前领药原因'),
      description: 'With a reason an early refill is ordered all the same: lost, travelling.',
    },
    timeZone: {
      ...template,
      maxLength: 100,
      title: 'Time zone',
      'x-title': text('Time zone', '時區', '时区'),
      description: "In which days are counted. Default: the person's own, else UTC.",
    },
    coldChain: {
      type: 'boolean',
      default: false,
      title: 'Cold chain, 2 to 8 °C',
      'x-title': text('Cold chain, 2 to 8 °C', '冷鏈 2–8 °C', '冷链 2–8 °C'),
    },
    replaceOnExcursion: {
      type: 'boolean',
      default: false,
      title: 'Replace what got warm',
      'x-title': text('Replace what got warm', '失溫時補寄', '失温时补寄'),
      description: 'Whether the pharmacy ships a replacement by itself.',
    },
    deliveryWindow: {
      type: 'object',
      additionalProperties: false,
      required: ['from', 'to'],
      title: 'Delivery window',
      'x-title': text('Delivery window', '配送時段', '配送时段'),
      properties: {
        from: { ...template, title: 'From', 'x-title': text('From', '起', '起') },
        to: { ...template, title: 'To', 'x-title': text('To', '迄', '止') },
      },
    },
    signature: {
      type: 'boolean',
      default: false,
      title: 'Signature of an adult',
      'x-title': text('Signature of an adult', '須成人簽收', '须成人签收'),
    },
    address: {
      type: 'object',
      additionalProperties: false,
      required: ['line', 'city'],
      title: 'Address',
      'x-title': text('Address', '地址', '地址'),
      description: "Default: the person's own.",
      properties: {
        line: { ...address, title: 'Street', 'x-title': text('Street', '街道', '街道') },
        district: { ...address, title: 'District', 'x-title': text('District', '區', '区') },
        city: { ...address, title: 'City', 'x-title': text('City', '城市', '城市') },
        state: { ...address, title: 'State', 'x-title': text('State', '州省', '省份') },
        postalCode: {
          ...address,
          title: 'Postal code',
          'x-title': text('Postal code', '郵遞區號', '邮政编码'),
        },
        country: { ...address, title: 'Country', 'x-title': text('Country', '國家', '国家') },
      },
    },
    note: {
      ...template,
      maxLength: 2_000,
      title: 'Note for the pharmacy',
      'x-title': text('Note for the pharmacy', '給藥局的備註', '给药房的备注'),
      'x-multiline': true,
    },
  },
} as const;

const shipment = {
  type: 'object',
  required: ['id', 'status', 'part', 'of'],
  properties: {
    id: { type: 'string' },
    status: { enum: ['in-progress', 'completed', 'abandoned', 'entered-in-error'] },
    part: { type: 'integer' },
    of: { type: 'integer' },
    deliveredAt: { type: 'string' },
  },
} as const;

/** Output of `pharmacy-delivery/order`. */
export const orderOutput = {
  type: 'object',
  additionalProperties: false,
  required: ['orderId', 'shipments'],
  properties: {
    orderId: { type: 'string', description: "The pharmacy's own id of the order." },
    shipments: { type: 'array', items: shipment },
    deliveredAt: { type: 'string', description: 'When the last part arrived.' },
    temperature: {
      type: 'object',
      description: 'The coldest and the warmest reading, °C.',
      required: ['min', 'max'],
      properties: { min: { type: 'number' }, max: { type: 'number' } },
    },
    reason: { type: 'string', description: "In the pharmacy's words." },
    quarantine: { type: 'boolean', description: 'The goods got warm: nobody may use them.' },
    isReplaced: { type: 'boolean', description: 'Whether a replacement was ordered.' },
    replacementId: { type: 'string', description: "The pharmacy's own id of the replacement." },
  },
} as const;

const aboutShipment = {
  orderId: { type: 'string' },
  shipmentId: { type: 'string' },
  part: { type: 'integer' },
  of: { type: 'integer' },
  expectedAt: { type: 'string' },
} as const;
const shipmentEvent = (more: Record<string, object> = {}) => ({
  type: 'object',
  additionalProperties: false,
  required: ['orderId', 'shipmentId', 'part', 'of', ...Object.keys(more)],
  properties: { ...aboutShipment, ...more },
});

/** What a pharmacy brings, whether a step waits for it or not. */
export const events = {
  'delivery.shipped': {
    title: text('Shipment on its way', '已出貨', '已发货'),
    schema: shipmentEvent(),
  },
  'delivery.delayed': {
    title: text('Shipment delayed', '配送延誤', '配送延误'),
    schema: shipmentEvent({ reason: { type: 'string' } }),
  },
  'delivery.replaced': {
    title: text('Replacement on its way', '已補寄', '已补寄'),
    schema: shipmentEvent({ replacementId: { type: 'string' } }),
  },
  'prescription.filled': {
    title: text('Prescription filled', '已領藥', '已领药'),
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['whenHandedOver'],
      properties: {
        whenHandedOver: { type: 'string' },
        daysSupply: { type: 'number' },
        quantity: { type: 'number' },
        orderId: { type: 'string' },
        code: { type: 'string' },
        medication: { type: 'string' },
      },
    },
  },
};

const { id, text: word, extension, reference, concept, amount, somebody } = shapes;

/** As much of FHIR R4 as is read of what a pharmacy reports. */
export const reported: Record<string, Record<string, unknown>> = {
  Task: {
    required: ['status', 'focus'],
    properties: {
      ...{ status: word, extension, focus: reference },
      ...{ businessStatus: concept, statusReason: concept },
      output: {
        type: 'array',
        items: {
          type: 'object',
          required: ['type'],
          properties: { type: concept, valueReference: reference },
        },
      },
    },
  },
  SupplyDelivery: {
    required: ['id', 'status'],
    properties: {
      ...{ id, extension, patient: somebody, occurrenceDateTime: word },
      status: shipment.properties.status,
    },
  },
  MedicationDispense: {
    required: ['id', 'status'],
    properties: {
      ...{ id, status: word, extension, subject: somebody, quantity: amount, daysSupply: amount },
      ...{ medicationCodeableConcept: concept, whenHandedOver: word },
      authorizingPrescription: { type: 'array', items: reference },
    },
  },
  Observation: {
    properties: {
      ...{ effectiveDateTime: word, valueQuantity: amount },
      focus: { type: 'array', items: reference },
    },
  },
};
