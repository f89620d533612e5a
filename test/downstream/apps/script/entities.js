'use strict';

const { entity, integer, list, text, timestamps, uuid } = require('trivet');

const Reading = entity('readings', {
  id: uuid().primaryKey(),
  sensor: text().trim().max(40).unique(),
  celsius: integer().min(-100).max(100),
  tags: list(text().max(20)).default([]),
  ...timestamps(),
});

module.exports = { Reading };
