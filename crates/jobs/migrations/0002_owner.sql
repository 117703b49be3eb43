-- The jobs of one person are found when they are erased. Those of the house are not in it.
CREATE INDEX jobs_job_owner ON jobs_job (owner) WHERE owner IS NOT NULL;
