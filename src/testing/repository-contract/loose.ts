import * as relations from '../../core/relation.js';
import * as conditions from '../../query/condition.js';
import * as groups from '../../query/group.js';
import * as operators from '../../query/update-operator.js';

/** A function of the library's vocabulary as plain JavaScript sees it: cases also give it what its type forbids. */
export type Loose = (...operands: any[]) => object;

export const eq: Loose = conditions.eq;
export const ne: Loose = conditions.ne;
export const gt: Loose = conditions.gt;
export const gte: Loose = conditions.gte;
export const lt: Loose = conditions.lt;
export const lte: Loose = conditions.lte;
export const between: Loose = conditions.between as Loose;
export const anyOf: Loose = conditions.anyOf;
export const noneOf: Loose = conditions.noneOf;
export const contains: Loose = conditions.contains as Loose;
export const startsWith: Loose = conditions.startsWith as Loose;
export const endsWith: Loose = conditions.endsWith as Loose;
export const isNull: Loose = conditions.isNull;
export const isNotNull: Loose = conditions.isNotNull;
export const has: Loose = conditions.has;
export const hasAny: Loose = conditions.hasAny;
export const hasAll: Loose = conditions.hasAll;
export const and: Loose = groups.and as Loose;
export const or: Loose = groups.or as Loose;
export const not: Loose = groups.not as Loose;
export const increment: Loose = operators.increment;
export const minimum: Loose = operators.minimum;
export const maximum: Loose = operators.maximum;
export const push: Loose = operators.push;
export const pull: Loose = operators.pull;
export const addToSet: Loose = operators.addToSet;
export const belongsTo: Loose = relations.belongsTo as Loose;
export const belongsToMany: Loose = relations.belongsToMany as Loose;
export const hasMany: Loose = relations.hasMany as Loose;
export const hasOne: Loose = relations.hasOne as Loose;
export const manyToMany: Loose = relations.manyToMany as Loose;
