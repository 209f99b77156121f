-- Why a program trapped, in the words of its provider's engine: no part of what is signed.
alter table jobs add column trap text;
