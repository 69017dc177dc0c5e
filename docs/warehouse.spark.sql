-- stage2-core17: Stage 2 core measure 17: use secure electronic messaging, as SQL for spark: the summary
-- mucalc 0.1.0; edition sha256 1e4b55575294b07e5ba720ff4fc8afcd9db0968792649e2a9256d98dc72bce20
-- period 2014-07-01..2014-09-30; credit strict; unusable rows bound; policies administrative=exclude, appointments=count, hospital=exclude, minimal-service=exclude, non-cehrt=exclude, pool=uncertain, staff-only=exclude, supervised=exclude
-- layout canonical; layout and words sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855; zone of the practice not given: times with a zone are unknown
-- Each of 36036 combinations of words has here the rule and the answer that the program's decision table has.
WITH
-- the columns that are used, as text
encounters_cells AS (
  SELECT
    COALESCE(BTRIM(CASE WHEN TYPEOF(patient_id) = 'double' THEN CASE WHEN TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE)) >= 9007199254740992 THEN '1.0E+00' WHEN TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(patient_id) = 'float' THEN CASE WHEN TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE)) >= 16777216 THEN '1.0E+00' WHEN TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(patient_id) LIKE 'decimal%' THEN CASE WHEN CAST(patient_id AS STRING) LIKE '%.%' THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(patient_id AS STRING))) ELSE CAST(patient_id AS STRING) END ELSE CAST(patient_id AS STRING) END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff'), '') AS patient_id,
    COALESCE(BTRIM(CASE WHEN TYPEOF(provider_id) = 'double' THEN CASE WHEN TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE)) >= 9007199254740992 THEN '1.0E+00' WHEN TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(provider_id) = 'float' THEN CASE WHEN TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE)) >= 16777216 THEN '1.0E+00' WHEN TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(provider_id) LIKE 'decimal%' THEN CASE WHEN CAST(provider_id AS STRING) LIKE '%.%' THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(provider_id AS STRING))) ELSE CAST(provider_id AS STRING) END ELSE CAST(provider_id AS STRING) END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff'), '') AS provider_id,
    COALESCE(BTRIM(CASE WHEN TYPEOF(encounter_id) = 'double' THEN CASE WHEN TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE)) >= 9007199254740992 THEN '1.0E+00' WHEN TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(encounter_id) = 'float' THEN CASE WHEN TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE)) >= 16777216 THEN '1.0E+00' WHEN TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(encounter_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(encounter_id) LIKE 'decimal%' THEN CASE WHEN CAST(encounter_id AS STRING) LIKE '%.%' THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(encounter_id AS STRING))) ELSE CAST(encounter_id AS STRING) END ELSE CAST(encounter_id AS STRING) END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff'), '') AS encounter_id,
    COALESCE(BTRIM(CAST(started_at AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS started_at,
    COALESCE(BTRIM(CAST(status AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS status,
    COALESCE(BTRIM(CAST(kind AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS kind,
    COALESCE(BTRIM(CAST(seen_by AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS seen_by
  FROM encounters
),

-- ids without what keeps their zeros in a spreadsheet: ="007" and '007 are 007
encounters_bare AS (
  SELECT
    BTRIM(CASE
      WHEN LENGTH(patient_id) > 2 AND SUBSTR(patient_id, 1, 2) = '="' AND SUBSTR(patient_id, LENGTH(patient_id), 1) = '"' THEN SUBSTR(patient_id, 3, LENGTH(patient_id) - 3)
      WHEN LENGTH(patient_id) > 1 AND SUBSTR(patient_id, 1, 1) = '\'' AND SUBSTR(patient_id, LENGTH(patient_id), 1) = '\'' THEN SUBSTR(patient_id, 2, LENGTH(patient_id) - 2)
      WHEN SUBSTR(patient_id, 1, 1) = '\'' THEN SUBSTR(patient_id, 2)
      WHEN LENGTH(patient_id) > 1 AND SUBSTR(patient_id, 1, 1) = '"' AND SUBSTR(patient_id, LENGTH(patient_id), 1) = '"' THEN SUBSTR(patient_id, 2, LENGTH(patient_id) - 2)
      ELSE patient_id
    END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff') AS patient_id,
    BTRIM(CASE
      WHEN LENGTH(provider_id) > 2 AND SUBSTR(provider_id, 1, 2) = '="' AND SUBSTR(provider_id, LENGTH(provider_id), 1) = '"' THEN SUBSTR(provider_id, 3, LENGTH(provider_id) - 3)
      WHEN LENGTH(provider_id) > 1 AND SUBSTR(provider_id, 1, 1) = '\'' AND SUBSTR(provider_id, LENGTH(provider_id), 1) = '\'' THEN SUBSTR(provider_id, 2, LENGTH(provider_id) - 2)
      WHEN SUBSTR(provider_id, 1, 1) = '\'' THEN SUBSTR(provider_id, 2)
      WHEN LENGTH(provider_id) > 1 AND SUBSTR(provider_id, 1, 1) = '"' AND SUBSTR(provider_id, LENGTH(provider_id), 1) = '"' THEN SUBSTR(provider_id, 2, LENGTH(provider_id) - 2)
      ELSE provider_id
    END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff') AS provider_id,
    BTRIM(CASE
      WHEN LENGTH(encounter_id) > 2 AND SUBSTR(encounter_id, 1, 2) = '="' AND SUBSTR(encounter_id, LENGTH(encounter_id), 1) = '"' THEN SUBSTR(encounter_id, 3, LENGTH(encounter_id) - 3)
      WHEN LENGTH(encounter_id) > 1 AND SUBSTR(encounter_id, 1, 1) = '\'' AND SUBSTR(encounter_id, LENGTH(encounter_id), 1) = '\'' THEN SUBSTR(encounter_id, 2, LENGTH(encounter_id) - 2)
      WHEN SUBSTR(encounter_id, 1, 1) = '\'' THEN SUBSTR(encounter_id, 2)
      WHEN LENGTH(encounter_id) > 1 AND SUBSTR(encounter_id, 1, 1) = '"' AND SUBSTR(encounter_id, LENGTH(encounter_id), 1) = '"' THEN SUBSTR(encounter_id, 2, LENGTH(encounter_id) - 2)
      ELSE encounter_id
    END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff') AS encounter_id,
    started_at,
    status,
    kind,
    seen_by
  FROM encounters_cells
),

-- empty where they say nothing, as NULL does; a header again and a rule of dashes are no rows
encounters_read AS (
  SELECT
    CASE
      WHEN LOWER(patient_id) IN ('unknown', '?') THEN ''
      ELSE CASE
      WHEN LOWER(patient_id) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE patient_id
    END
    END AS patient_id,
    CASE
      WHEN LOWER(provider_id) IN ('unknown', '?') THEN ''
      ELSE CASE
      WHEN LOWER(provider_id) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE provider_id
    END
    END AS provider_id,
    CASE
      WHEN LOWER(encounter_id) IN ('unknown', '?') THEN ''
      ELSE CASE
      WHEN LOWER(encounter_id) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE encounter_id
    END
    END AS encounter_id,
    CASE
      WHEN LOWER(started_at) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE started_at
    END AS started_at,
    CASE
      WHEN LOWER(status) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE status
    END AS status,
    CASE
      WHEN LOWER(kind) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE kind
    END AS kind,
    CASE
      WHEN LOWER(seen_by) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE seen_by
    END AS seen_by
  FROM encounters_bare
  WHERE NOT (patient_id IN ('', 'patient_id') AND provider_id IN ('', 'provider_id') AND encounter_id IN ('', 'encounter_id') AND started_at IN ('', 'started_at') AND status IN ('', 'status') AND kind IN ('', 'kind') AND seen_by IN ('', 'seen_by'))
    AND NOT ((patient_id || provider_id || encounter_id || started_at || status || kind || seen_by) RLIKE '^[-=_+| ]*$')
),

-- of what form ids, days and times are; a row that has none of them is no record
encounters_formed AS (
  SELECT
    *,
    CASE
      WHEN started_at = '' THEN 'empty'
      WHEN SUBSTR(started_at, 1, 4) = '0000' THEN 'unreadable'
      WHEN SUBSTR(started_at, 1, 10) IN ('0001-01-01', '1601-01-01', '1753-01-01', '1800-01-01', '1840-12-31', '1858-11-17', '1899-12-30', '1899-12-31', '1900-01-01', '1901-01-01', '1904-01-01', '1960-01-01', '1969-12-31', '1970-01-01', '2038-01-19', '2079-06-06', '2099-12-31', '2262-04-11', '2999-12-31', '9999-12-31') THEN 'unreadable'
      WHEN started_at RLIKE '^([0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)|[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?|[T ]24:00(:00([.]0+)?)?)?$' THEN 'local'
      WHEN started_at RLIKE '^([0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)|[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])$' THEN 'zoned'
      ELSE 'unreadable'
    END AS date_form,
    CASE WHEN patient_id RLIKE '^[+-]?([0-9]+[eE][+-][0-9]+|[0-9]*[.,][0-9]*[eE][+-]?[0-9]+|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$' OR SUBSTR(patient_id, 1, 1) = '"' OR SUBSTR(patient_id, LENGTH(patient_id), 1) = '"' OR TRANSLATE(patient_id, '\u000a\u000b\u000c\u000d\u0085\u2028\u2029', '') <> patient_id THEN 1 ELSE 0 END AS patient_damaged,
    CASE WHEN provider_id RLIKE '^[+-]?([0-9]+[eE][+-][0-9]+|[0-9]*[.,][0-9]*[eE][+-]?[0-9]+|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$' OR SUBSTR(provider_id, 1, 1) = '"' OR SUBSTR(provider_id, LENGTH(provider_id), 1) = '"' OR TRANSLATE(provider_id, '\u000a\u000b\u000c\u000d\u0085\u2028\u2029', '') <> provider_id THEN 1 ELSE 0 END AS provider_damaged,
    CASE WHEN encounter_id RLIKE '^[+-]?([0-9]+[eE][+-][0-9]+|[0-9]*[.,][0-9]*[eE][+-]?[0-9]+|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$' OR SUBSTR(encounter_id, 1, 1) = '"' OR SUBSTR(encounter_id, LENGTH(encounter_id), 1) = '"' OR TRANSLATE(encounter_id, '\u000a\u000b\u000c\u000d\u0085\u2028\u2029', '') <> encounter_id THEN 1 ELSE 0 END AS record_damaged
  FROM encounters_read
  WHERE NOT (patient_id = '' AND provider_id = '' AND started_at = '' AND encounter_id = '')
),

-- our words and the local day; what is not said is unknown, and a damaged id is none
encounters_told AS (
  SELECT
    CASE
      WHEN patient_damaged = 1 THEN ''
      ELSE patient_id
    END AS patient_id,
    CASE
      WHEN provider_damaged = 1 THEN ''
      ELSE provider_id
    END AS provider_id,
    CASE
      WHEN record_damaged = 1 THEN ''
      ELSE encounter_id
    END AS row_id,
    '' AS updated_key,
    CASE
      WHEN patient_damaged = 1 THEN 'damaged-id'
      WHEN patient_id = '' THEN 'missing-patient-id'
      WHEN provider_damaged = 1 THEN 'damaged-id'
      WHEN provider_id = '' THEN 'missing-provider-id'
      ELSE ''
    END AS rejected_for,
    CASE
      WHEN date_form = 'local' THEN SUBSTR(started_at, 1, 10)
      ELSE 'unknown'
    END AS day,
    date_form,
    patient_damaged + provider_damaged AS damaged_ids,
    CASE
      WHEN LOWER(status) IN ('cancelled', 'completed', 'entered-in-error', 'in-progress', 'no-show', 'scheduled') THEN LOWER(status)
      ELSE 'unknown'
    END AS status,
    CASE
      WHEN LOWER(kind) IN ('ancillary', 'emergency', 'home-visit', 'inpatient', 'nursing-facility', 'office-visit', 'other', 'outpatient-procedure', 'telehealth', 'telephone') THEN LOWER(kind)
      ELSE 'unknown'
    END AS kind,
    CASE
      WHEN LOWER(seen_by) IN ('clinical-staff', 'eligible-professional', 'supervised') THEN LOWER(seen_by)
      ELSE 'unknown'
    END AS seen_by,
    'yes' AS cehrt,
    CASE WHEN status <> '' AND NOT (LOWER(status) IN ('cancelled', 'completed', 'entered-in-error', 'in-progress', 'no-show', 'scheduled', 'unknown')) THEN 1 ELSE 0 END
      + CASE WHEN kind <> '' AND NOT (LOWER(kind) IN ('ancillary', 'emergency', 'home-visit', 'inpatient', 'nursing-facility', 'office-visit', 'other', 'outpatient-procedure', 'telehealth', 'telephone', 'unknown')) THEN 1 ELSE 0 END
      + CASE WHEN seen_by <> '' AND NOT (LOWER(seen_by) IN ('clinical-staff', 'eligible-professional', 'supervised', 'unknown')) THEN 1 ELSE 0 END AS unknown_words
  FROM encounters_formed
),

-- where the day lies
encounters_placed AS (
  SELECT
    patient_id,
    provider_id,
    row_id,
    updated_key,
    day || '/' || rejected_for || '/' || status || '/' || kind || '/' || seen_by || '/' || cehrt || '/' || CAST(LENGTH(patient_id) AS STRING) || '/' || patient_id || provider_id AS says,
    rejected_for,
    day,
    date_form,
    damaged_ids,
    unknown_words,
    status,
    CASE
      WHEN day = 'unknown' THEN 'unknown'
      WHEN day BETWEEN '2014-07-01' AND '2014-09-30' THEN 'inside'
      ELSE 'outside'
    END AS day_in,
    kind,
    seen_by,
    cehrt
  FROM encounters_told
),

-- the first rule that can decide, and whether the row may be in and must be in
encounters_judged AS (
  SELECT
    patient_id,
    provider_id,
    row_id,
    updated_key,
    says,
    rejected_for,
    day,
    date_form,
    damaged_ids,
    unknown_words,
    CASE
      WHEN status NOT IN ('completed', 'in-progress') THEN 1 -- not-held
      WHEN day_in <> 'inside' THEN 2 -- seen-outside-period
      WHEN cehrt <> 'yes' THEN 3 -- non-cehrt
      WHEN kind IN ('inpatient', 'emergency', 'unknown') THEN 4 -- hospital
      WHEN kind IN ('telephone', 'ancillary', 'unknown') THEN 5 -- minimal-service
      WHEN seen_by IN ('clinical-staff', 'unknown') THEN 6 -- staff-only
      WHEN seen_by IN ('supervised', 'unknown') THEN 7 -- supervised
      WHEN status IN ('in-progress', 'unknown') THEN 8 -- in-progress
      WHEN kind IN ('other', 'unknown') THEN 9 -- kind-other
      ELSE 10 -- in
    END AS rule_number,
    CASE
      WHEN status NOT IN ('completed', 'in-progress', 'unknown') THEN 0 -- not-held
      WHEN day_in IN ('around', 'outside') THEN 0 -- seen-outside-period
      WHEN cehrt = 'no' THEN 0 -- non-cehrt
      WHEN kind IN ('inpatient', 'emergency') THEN 0 -- hospital
      WHEN kind IN ('telephone', 'ancillary') THEN 0 -- minimal-service
      WHEN seen_by = 'clinical-staff' THEN 0 -- staff-only
      WHEN seen_by = 'supervised' THEN 0 -- supervised
      ELSE 1 -- in
    END AS may_be_in,
    CASE
      WHEN status NOT IN ('completed', 'in-progress') THEN 0 -- not-held
      WHEN day_in <> 'inside' THEN 0 -- seen-outside-period
      WHEN cehrt <> 'yes' THEN 0 -- non-cehrt
      WHEN kind IN ('inpatient', 'emergency', 'unknown') THEN 0 -- hospital
      WHEN kind IN ('telephone', 'ancillary', 'unknown') THEN 0 -- minimal-service
      WHEN seen_by IN ('clinical-staff', 'unknown') THEN 0 -- staff-only
      WHEN seen_by IN ('supervised', 'unknown') THEN 0 -- supervised
      WHEN status IN ('in-progress', 'unknown') THEN 0 -- in-progress
      WHEN kind IN ('other', 'unknown') THEN 0 -- kind-other
      ELSE 1 -- in
    END AS must_be_in
  FROM encounters_placed
),

-- ids of records that stand there several times
encounters_repeated AS (
  SELECT
    row_id
  FROM encounters_judged
  WHERE row_id <> ''
  GROUP BY row_id
  HAVING COUNT(*) > 1
),

-- the versions of these records, with what each says and of whom
encounters_versions AS (
  SELECT
    judged.patient_id,
    judged.provider_id,
    judged.row_id,
    judged.updated_key,
    judged.says,
    judged.rejected_for,
    judged.day,
    judged.date_form,
    judged.damaged_ids,
    judged.unknown_words,
    judged.rule_number,
    judged.may_be_in,
    judged.must_be_in,
    CASE
      WHEN judged.rejected_for <> '' THEN judged.says
      ELSE CAST(LENGTH(judged.patient_id) AS STRING) || '/' || judged.patient_id || judged.provider_id
    END AS address
  FROM encounters_judged judged
  JOIN encounters_repeated repeated ON repeated.row_id = judged.row_id
),

-- what all versions of a record say
encounters_compared AS (
  SELECT
    *,
    MIN(says) OVER (PARTITION BY row_id) AS first_says,
    MAX(says) OVER (PARTITION BY row_id) AS last_says,
    MIN(updated_key) OVER (PARTITION BY row_id) AS first_key,
    MAX(updated_key) OVER (PARTITION BY row_id) AS last_key,
    MIN(address) OVER (PARTITION BY row_id) AS first_address,
    MAX(address) OVER (PARTITION BY row_id) AS last_address,
    MIN(must_be_in) OVER (PARTITION BY row_id) AS all_must_be_in
  FROM encounters_versions
),

-- what those say that were changed last
encounters_latest AS (
  SELECT
    *,
    MIN(CASE WHEN updated_key = last_key THEN says ELSE NULL END) OVER (PARTITION BY row_id) AS first_latest,
    MAX(CASE WHEN updated_key = last_key THEN says ELSE NULL END) OVER (PARTITION BY row_id) AS last_latest
  FROM encounters_compared
),

-- which version is the record: one of those that say the same, the one that was changed last, or it is not known
encounters_resolved AS (
  SELECT
    *,
    CASE
      WHEN first_key <> '' AND SUBSTR(first_key, 1, 1) = SUBSTR(last_key, 1, 1) AND first_latest = last_latest AND updated_key <> last_key THEN 'superseded'
      WHEN first_says = last_says THEN 'same'
      WHEN first_key <> '' AND SUBSTR(first_key, 1, 1) = SUBSTR(last_key, 1, 1) AND first_latest = last_latest THEN 'latest'
      ELSE 'unresolved'
    END AS fate
  FROM encounters_latest
),

-- every row, with what it is among the versions of its record; what only some versions say is not certain
encounters_records AS (
  SELECT
    judged.patient_id,
    judged.provider_id,
    judged.row_id,
    judged.updated_key,
    judged.says,
    judged.rejected_for,
    judged.day,
    judged.date_form,
    judged.damaged_ids,
    judged.unknown_words,
    judged.rule_number,
    judged.may_be_in,
    judged.must_be_in,
    0 AS is_superseded,
    0 AS is_again,
    0 AS is_contradicted,
    0 AS contradicts
  FROM encounters_judged judged
  LEFT JOIN encounters_repeated repeated ON repeated.row_id = judged.row_id
  WHERE repeated.row_id IS NULL
  UNION ALL
  SELECT
    patient_id,
    provider_id,
    row_id,
    updated_key,
    says,
    rejected_for,
    day,
    date_form,
    damaged_ids,
    unknown_words,
    rule_number,
    may_be_in,
    CASE
      WHEN fate = 'unresolved' AND NOT (all_must_be_in = 1 AND first_address = last_address) THEN 0
      ELSE must_be_in
    END AS must_be_in,
    CASE WHEN fate = 'superseded' THEN 1 ELSE 0 END AS is_superseded,
    CASE WHEN fate <> 'superseded' AND ROW_NUMBER() OVER (PARTITION BY row_id, fate, address ORDER BY may_be_in DESC, CASE WHEN day = 'unknown' THEN 1 ELSE 0 END, day, rule_number) > 1 THEN 1 ELSE 0 END AS is_again,
    CASE WHEN fate = 'unresolved' AND NOT (all_must_be_in = 1 AND first_address = last_address) AND must_be_in = 1 THEN 1 ELSE 0 END AS is_contradicted,
    CASE WHEN fate = 'unresolved' AND ROW_NUMBER() OVER (PARTITION BY row_id, fate ORDER BY may_be_in DESC, CASE WHEN day = 'unknown' THEN 1 ELSE 0 END, day, rule_number) = 1 THEN 1 ELSE 0 END AS contradicts
  FROM encounters_resolved
),

-- the columns that are used, as text
messages_cells AS (
  SELECT
    COALESCE(BTRIM(CASE WHEN TYPEOF(patient_id) = 'double' THEN CASE WHEN TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE)) >= 9007199254740992 THEN '1.0E+00' WHEN TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(patient_id) = 'float' THEN CASE WHEN TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE)) >= 16777216 THEN '1.0E+00' WHEN TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(patient_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(patient_id) LIKE 'decimal%' THEN CASE WHEN CAST(patient_id AS STRING) LIKE '%.%' THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(patient_id AS STRING))) ELSE CAST(patient_id AS STRING) END ELSE CAST(patient_id AS STRING) END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff'), '') AS patient_id,
    COALESCE(BTRIM(CASE WHEN TYPEOF(provider_id) = 'double' THEN CASE WHEN TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE)) >= 9007199254740992 THEN '1.0E+00' WHEN TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(provider_id) = 'float' THEN CASE WHEN TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE)) >= 16777216 THEN '1.0E+00' WHEN TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(provider_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(provider_id) LIKE 'decimal%' THEN CASE WHEN CAST(provider_id AS STRING) LIKE '%.%' THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(provider_id AS STRING))) ELSE CAST(provider_id AS STRING) END ELSE CAST(provider_id AS STRING) END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff'), '') AS provider_id,
    COALESCE(BTRIM(CASE WHEN TYPEOF(message_id) = 'double' THEN CASE WHEN TRY_CAST(CAST(message_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(message_id AS STRING) AS DOUBLE)) >= 9007199254740992 THEN '1.0E+00' WHEN TRY_CAST(CAST(message_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(message_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(message_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(message_id) = 'float' THEN CASE WHEN TRY_CAST(CAST(message_id AS STRING) AS DOUBLE) IS NULL THEN NULL WHEN ABS(TRY_CAST(CAST(message_id AS STRING) AS DOUBLE)) >= 16777216 THEN '1.0E+00' WHEN TRY_CAST(CAST(message_id AS STRING) AS DOUBLE) = TRY_CAST(TRY_CAST(CAST(message_id AS STRING) AS DOUBLE) AS BIGINT) THEN CAST(TRY_CAST(TRY_CAST(CAST(message_id AS STRING) AS DOUBLE) AS BIGINT) AS STRING) ELSE '1.0E+00' END WHEN TYPEOF(message_id) LIKE 'decimal%' THEN CASE WHEN CAST(message_id AS STRING) LIKE '%.%' THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(message_id AS STRING))) ELSE CAST(message_id AS STRING) END ELSE CAST(message_id AS STRING) END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff'), '') AS message_id,
    COALESCE(BTRIM(CAST(sent_at AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS sent_at,
    COALESCE(BTRIM(CAST(status AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS status,
    COALESCE(BTRIM(CAST(sender AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS sender,
    COALESCE(BTRIM(CAST(channel AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS channel,
    COALESCE(BTRIM(CAST(recipient AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS recipient,
    COALESCE(BTRIM(CAST(topic AS STRING), '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '') AS topic
  FROM messages
),

-- ids without what keeps their zeros in a spreadsheet: ="007" and '007 are 007
messages_bare AS (
  SELECT
    BTRIM(CASE
      WHEN LENGTH(patient_id) > 2 AND SUBSTR(patient_id, 1, 2) = '="' AND SUBSTR(patient_id, LENGTH(patient_id), 1) = '"' THEN SUBSTR(patient_id, 3, LENGTH(patient_id) - 3)
      WHEN LENGTH(patient_id) > 1 AND SUBSTR(patient_id, 1, 1) = '\'' AND SUBSTR(patient_id, LENGTH(patient_id), 1) = '\'' THEN SUBSTR(patient_id, 2, LENGTH(patient_id) - 2)
      WHEN SUBSTR(patient_id, 1, 1) = '\'' THEN SUBSTR(patient_id, 2)
      WHEN LENGTH(patient_id) > 1 AND SUBSTR(patient_id, 1, 1) = '"' AND SUBSTR(patient_id, LENGTH(patient_id), 1) = '"' THEN SUBSTR(patient_id, 2, LENGTH(patient_id) - 2)
      ELSE patient_id
    END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff') AS patient_id,
    BTRIM(CASE
      WHEN LENGTH(provider_id) > 2 AND SUBSTR(provider_id, 1, 2) = '="' AND SUBSTR(provider_id, LENGTH(provider_id), 1) = '"' THEN SUBSTR(provider_id, 3, LENGTH(provider_id) - 3)
      WHEN LENGTH(provider_id) > 1 AND SUBSTR(provider_id, 1, 1) = '\'' AND SUBSTR(provider_id, LENGTH(provider_id), 1) = '\'' THEN SUBSTR(provider_id, 2, LENGTH(provider_id) - 2)
      WHEN SUBSTR(provider_id, 1, 1) = '\'' THEN SUBSTR(provider_id, 2)
      WHEN LENGTH(provider_id) > 1 AND SUBSTR(provider_id, 1, 1) = '"' AND SUBSTR(provider_id, LENGTH(provider_id), 1) = '"' THEN SUBSTR(provider_id, 2, LENGTH(provider_id) - 2)
      ELSE provider_id
    END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff') AS provider_id,
    BTRIM(CASE
      WHEN LENGTH(message_id) > 2 AND SUBSTR(message_id, 1, 2) = '="' AND SUBSTR(message_id, LENGTH(message_id), 1) = '"' THEN SUBSTR(message_id, 3, LENGTH(message_id) - 3)
      WHEN LENGTH(message_id) > 1 AND SUBSTR(message_id, 1, 1) = '\'' AND SUBSTR(message_id, LENGTH(message_id), 1) = '\'' THEN SUBSTR(message_id, 2, LENGTH(message_id) - 2)
      WHEN SUBSTR(message_id, 1, 1) = '\'' THEN SUBSTR(message_id, 2)
      WHEN LENGTH(message_id) > 1 AND SUBSTR(message_id, 1, 1) = '"' AND SUBSTR(message_id, LENGTH(message_id), 1) = '"' THEN SUBSTR(message_id, 2, LENGTH(message_id) - 2)
      ELSE message_id
    END, '\u0009\u000a\u000b\u000c\u000d \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff') AS message_id,
    sent_at,
    status,
    sender,
    channel,
    recipient,
    topic
  FROM messages_cells
),

-- empty where they say nothing, as NULL does; a header again and a rule of dashes are no rows
messages_read AS (
  SELECT
    CASE
      WHEN LOWER(patient_id) IN ('unknown', '?') THEN ''
      ELSE CASE
      WHEN LOWER(patient_id) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE patient_id
    END
    END AS patient_id,
    CASE
      WHEN LOWER(provider_id) IN ('unknown', '?') THEN ''
      ELSE CASE
      WHEN LOWER(provider_id) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE provider_id
    END
    END AS provider_id,
    CASE
      WHEN LOWER(message_id) IN ('unknown', '?') THEN ''
      ELSE CASE
      WHEN LOWER(message_id) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE message_id
    END
    END AS message_id,
    CASE
      WHEN LOWER(sent_at) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE sent_at
    END AS sent_at,
    CASE
      WHEN LOWER(status) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE status
    END AS status,
    CASE
      WHEN LOWER(sender) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE sender
    END AS sender,
    CASE
      WHEN LOWER(channel) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE channel
    END AS channel,
    CASE
      WHEN LOWER(recipient) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE recipient
    END AS recipient,
    CASE
      WHEN LOWER(topic) IN ('#bezug!', '#calc!', '#div/0!', '#error!', '#field!', '#getting_data', '#n/a', '#n/d', '#name?', '#null!', '#num!', '#nv', '#ref!', '#spill!', '#valeur!', '#value!', '#wert!', '&nbsp;', '(blank)', '(empty)', '(null)', '-', '--', '.', '<na>', '<null>', '[null]', '[object object]', '[redacted]', '\\\\n', '\\n', 'loading...', 'n/a', 'na', 'nan', 'nat', 'nil', 'none', 'null', 'undefined') THEN ''
      ELSE topic
    END AS topic
  FROM messages_bare
  WHERE NOT (patient_id IN ('', 'patient_id') AND provider_id IN ('', 'provider_id') AND message_id IN ('', 'message_id') AND sent_at IN ('', 'sent_at') AND status IN ('', 'status') AND sender IN ('', 'sender') AND channel IN ('', 'channel') AND recipient IN ('', 'recipient') AND topic IN ('', 'topic'))
    AND NOT ((patient_id || provider_id || message_id || sent_at || status || sender || channel || recipient || topic) RLIKE '^[-=_+| ]*$')
),

-- of what form ids, days and times are; a row that has none of them is no record
messages_formed AS (
  SELECT
    *,
    CASE
      WHEN sent_at = '' THEN 'empty'
      WHEN SUBSTR(sent_at, 1, 4) = '0000' THEN 'unreadable'
      WHEN SUBSTR(sent_at, 1, 10) IN ('0001-01-01', '1601-01-01', '1753-01-01', '1800-01-01', '1840-12-31', '1858-11-17', '1899-12-30', '1899-12-31', '1900-01-01', '1901-01-01', '1904-01-01', '1960-01-01', '1969-12-31', '1970-01-01', '2038-01-19', '2079-06-06', '2099-12-31', '2262-04-11', '2999-12-31', '9999-12-31') THEN 'unreadable'
      WHEN sent_at RLIKE '^([0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)|[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?|[T ]24:00(:00([.]0+)?)?)?$' THEN 'local'
      WHEN sent_at RLIKE '^([0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)|[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])$' THEN 'zoned'
      ELSE 'unreadable'
    END AS date_form,
    CASE WHEN patient_id RLIKE '^[+-]?([0-9]+[eE][+-][0-9]+|[0-9]*[.,][0-9]*[eE][+-]?[0-9]+|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$' OR SUBSTR(patient_id, 1, 1) = '"' OR SUBSTR(patient_id, LENGTH(patient_id), 1) = '"' OR TRANSLATE(patient_id, '\u000a\u000b\u000c\u000d\u0085\u2028\u2029', '') <> patient_id THEN 1 ELSE 0 END AS patient_damaged,
    CASE WHEN provider_id RLIKE '^[+-]?([0-9]+[eE][+-][0-9]+|[0-9]*[.,][0-9]*[eE][+-]?[0-9]+|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$' OR SUBSTR(provider_id, 1, 1) = '"' OR SUBSTR(provider_id, LENGTH(provider_id), 1) = '"' OR TRANSLATE(provider_id, '\u000a\u000b\u000c\u000d\u0085\u2028\u2029', '') <> provider_id THEN 1 ELSE 0 END AS provider_damaged,
    CASE WHEN message_id RLIKE '^[+-]?([0-9]+[eE][+-][0-9]+|[0-9]*[.,][0-9]*[eE][+-]?[0-9]+|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$' OR SUBSTR(message_id, 1, 1) = '"' OR SUBSTR(message_id, LENGTH(message_id), 1) = '"' OR TRANSLATE(message_id, '\u000a\u000b\u000c\u000d\u0085\u2028\u2029', '') <> message_id THEN 1 ELSE 0 END AS record_damaged
  FROM messages_read
  WHERE NOT (patient_id = '' AND provider_id = '' AND sent_at = '' AND message_id = '')
),

-- our words and the local day; what is not said is unknown, and a damaged id is none
messages_told AS (
  SELECT
    CASE
      WHEN patient_damaged = 1 THEN ''
      ELSE patient_id
    END AS patient_id,
    CASE
      WHEN provider_damaged = 1 THEN ''
      ELSE provider_id
    END AS provider_id,
    CASE
      WHEN record_damaged = 1 THEN ''
      ELSE message_id
    END AS row_id,
    '' AS updated_key,
    CASE
      WHEN patient_damaged = 1 THEN 'damaged-id'
      WHEN patient_id = '' THEN 'missing-patient-id'
      ELSE ''
    END AS rejected_for,
    CASE
      WHEN date_form = 'local' THEN SUBSTR(sent_at, 1, 10)
      ELSE 'unknown'
    END AS day,
    date_form,
    patient_damaged + provider_damaged AS damaged_ids,
    CASE
      WHEN LOWER(status) IN ('deleted', 'draft', 'failed', 'sent') THEN LOWER(status)
      ELSE 'unknown'
    END AS status,
    CASE
      WHEN LOWER(sender) IN ('care-team', 'patient', 'provider', 'representative', 'staff', 'system') THEN LOWER(sender)
      ELSE 'unknown'
    END AS sender,
    CASE
      WHEN LOWER(channel) IN ('ehr-portal', 'email', 'paper', 'phone', 'pm-portal', 'secure-email', 'sms') THEN LOWER(channel)
      ELSE 'unknown'
    END AS channel,
    CASE
      WHEN LOWER(recipient) IN ('care-team', 'patient', 'provider', 'representative', 'staff', 'system') THEN LOWER(recipient)
      ELSE 'unknown'
    END AS recipient,
    CASE
      WHEN LOWER(topic) IN ('administrative', 'appointment-request', 'billing', 'care-plan', 'clinical-question', 'medication-refill', 'other', 'record-request', 'referral', 'test-result') THEN LOWER(topic)
      ELSE 'unknown'
    END AS topic,
    CASE WHEN status <> '' AND NOT (LOWER(status) IN ('deleted', 'draft', 'failed', 'sent', 'unknown')) THEN 1 ELSE 0 END
      + CASE WHEN sender <> '' AND NOT (LOWER(sender) IN ('care-team', 'patient', 'provider', 'representative', 'staff', 'system', 'unknown')) THEN 1 ELSE 0 END
      + CASE WHEN channel <> '' AND NOT (LOWER(channel) IN ('ehr-portal', 'email', 'paper', 'phone', 'pm-portal', 'secure-email', 'sms', 'unknown')) THEN 1 ELSE 0 END
      + CASE WHEN recipient <> '' AND NOT (LOWER(recipient) IN ('care-team', 'patient', 'provider', 'representative', 'staff', 'system', 'unknown')) THEN 1 ELSE 0 END
      + CASE WHEN topic <> '' AND NOT (LOWER(topic) IN ('administrative', 'appointment-request', 'billing', 'care-plan', 'clinical-question', 'medication-refill', 'other', 'record-request', 'referral', 'test-result', 'unknown')) THEN 1 ELSE 0 END AS unknown_words
  FROM messages_formed
),

-- where the day lies
messages_placed AS (
  SELECT
    patient_id,
    provider_id,
    row_id,
    updated_key,
    day || '/' || rejected_for || '/' || status || '/' || sender || '/' || channel || '/' || recipient || '/' || topic || '/' || CAST(LENGTH(patient_id) AS STRING) || '/' || patient_id || provider_id AS says,
    rejected_for,
    day,
    date_form,
    damaged_ids,
    unknown_words,
    status,
    sender,
    CASE
      WHEN day = 'unknown' THEN 'unknown'
      WHEN day BETWEEN '2014-07-01' AND '2014-09-30' THEN 'inside'
      ELSE 'outside'
    END AS day_in,
    CASE
      WHEN channel = 'ehr-portal' THEN 'yes'
      WHEN channel IN ('secure-email', 'pm-portal', 'email', 'sms', 'phone', 'paper') THEN 'no'
      ELSE 'unknown'
    END AS certified,
    recipient,
    topic
  FROM messages_told
),

-- the first rule that can decide, and whether the row may be in and must be in
messages_judged AS (
  SELECT
    patient_id,
    provider_id,
    row_id,
    updated_key,
    says,
    rejected_for,
    day,
    date_form,
    damaged_ids,
    unknown_words,
    CASE
      WHEN status <> 'sent' THEN 1 -- not-sent
      WHEN sender NOT IN ('patient', 'representative') THEN 2 -- not-from-patient
      WHEN day_in <> 'inside' THEN 3 -- sent-outside-period
      WHEN certified <> 'yes' THEN 4 -- channel-not-certified
      WHEN recipient NOT IN ('provider', 'care-team') THEN 5 -- not-to-provider
      WHEN topic IN ('billing', 'administrative', 'unknown') THEN 6 -- not-clinical
      WHEN topic IN ('appointment-request', 'unknown') AND recipient IN ('care-team', 'unknown') THEN 7 -- appointment-to-pool
      WHEN topic IN ('record-request', 'unknown') THEN 8 -- record-request
      WHEN recipient IN ('care-team', 'unknown') THEN 10 -- pool
      WHEN topic IN ('other', 'unknown') THEN 11 -- topic-other
      ELSE 12 -- counts
    END AS rule_number,
    CASE
      WHEN status NOT IN ('sent', 'unknown') THEN 0 -- not-sent
      WHEN sender NOT IN ('patient', 'representative', 'unknown') THEN 0 -- not-from-patient
      WHEN day_in IN ('around', 'outside') THEN 0 -- sent-outside-period
      WHEN certified = 'no' THEN 0 -- channel-not-certified
      WHEN recipient NOT IN ('provider', 'care-team', 'unknown') THEN 0 -- not-to-provider
      WHEN topic IN ('billing', 'administrative') THEN 0 -- not-clinical
      WHEN topic = 'appointment-request' AND recipient = 'care-team' THEN 0 -- appointment-to-pool
      ELSE 1 -- counts
    END AS may_be_in,
    CASE
      WHEN status <> 'sent' THEN 0 -- not-sent
      WHEN sender NOT IN ('patient', 'representative') THEN 0 -- not-from-patient
      WHEN day_in <> 'inside' THEN 0 -- sent-outside-period
      WHEN certified <> 'yes' THEN 0 -- channel-not-certified
      WHEN recipient NOT IN ('provider', 'care-team') THEN 0 -- not-to-provider
      WHEN topic IN ('billing', 'administrative', 'unknown') THEN 0 -- not-clinical
      WHEN topic IN ('appointment-request', 'unknown') AND recipient IN ('care-team', 'unknown') THEN 0 -- appointment-to-pool
      WHEN topic IN ('record-request', 'unknown') THEN 0 -- record-request
      WHEN recipient IN ('care-team', 'unknown') THEN 0 -- pool
      WHEN topic IN ('other', 'unknown') THEN 0 -- topic-other
      ELSE 1 -- counts
    END AS must_be_in
  FROM messages_placed
),

-- ids of records that stand there several times
messages_repeated AS (
  SELECT
    row_id
  FROM messages_judged
  WHERE row_id <> ''
  GROUP BY row_id
  HAVING COUNT(*) > 1
),

-- the versions of these records, with what each says and of whom
messages_versions AS (
  SELECT
    judged.patient_id,
    judged.provider_id,
    judged.row_id,
    judged.updated_key,
    judged.says,
    judged.rejected_for,
    judged.day,
    judged.date_form,
    judged.damaged_ids,
    judged.unknown_words,
    judged.rule_number,
    judged.may_be_in,
    judged.must_be_in,
    CASE
      WHEN judged.rejected_for <> '' THEN judged.says
      ELSE CAST(LENGTH(judged.patient_id) AS STRING) || '/' || judged.patient_id || judged.provider_id
    END AS address
  FROM messages_judged judged
  JOIN messages_repeated repeated ON repeated.row_id = judged.row_id
),

-- what all versions of a record say
messages_compared AS (
  SELECT
    *,
    MIN(says) OVER (PARTITION BY row_id) AS first_says,
    MAX(says) OVER (PARTITION BY row_id) AS last_says,
    MIN(updated_key) OVER (PARTITION BY row_id) AS first_key,
    MAX(updated_key) OVER (PARTITION BY row_id) AS last_key,
    MIN(address) OVER (PARTITION BY row_id) AS first_address,
    MAX(address) OVER (PARTITION BY row_id) AS last_address,
    MIN(must_be_in) OVER (PARTITION BY row_id) AS all_must_be_in
  FROM messages_versions
),

-- what those say that were changed last
messages_latest AS (
  SELECT
    *,
    MIN(CASE WHEN updated_key = last_key THEN says ELSE NULL END) OVER (PARTITION BY row_id) AS first_latest,
    MAX(CASE WHEN updated_key = last_key THEN says ELSE NULL END) OVER (PARTITION BY row_id) AS last_latest
  FROM messages_compared
),

-- which version is the record: one of those that say the same, the one that was changed last, or it is not known
messages_resolved AS (
  SELECT
    *,
    CASE
      WHEN first_key <> '' AND SUBSTR(first_key, 1, 1) = SUBSTR(last_key, 1, 1) AND first_latest = last_latest AND updated_key <> last_key THEN 'superseded'
      WHEN first_says = last_says THEN 'same'
      WHEN first_key <> '' AND SUBSTR(first_key, 1, 1) = SUBSTR(last_key, 1, 1) AND first_latest = last_latest THEN 'latest'
      ELSE 'unresolved'
    END AS fate
  FROM messages_latest
),

-- every row, with what it is among the versions of its record; what only some versions say is not certain
messages_records AS (
  SELECT
    judged.patient_id,
    judged.provider_id,
    judged.row_id,
    judged.updated_key,
    judged.says,
    judged.rejected_for,
    judged.day,
    judged.date_form,
    judged.damaged_ids,
    judged.unknown_words,
    judged.rule_number,
    judged.may_be_in,
    judged.must_be_in,
    0 AS is_superseded,
    0 AS is_again,
    0 AS is_contradicted,
    0 AS contradicts
  FROM messages_judged judged
  LEFT JOIN messages_repeated repeated ON repeated.row_id = judged.row_id
  WHERE repeated.row_id IS NULL
  UNION ALL
  SELECT
    patient_id,
    provider_id,
    row_id,
    updated_key,
    says,
    rejected_for,
    day,
    date_form,
    damaged_ids,
    unknown_words,
    rule_number,
    may_be_in,
    CASE
      WHEN fate = 'unresolved' AND NOT (all_must_be_in = 1 AND first_address = last_address) THEN 0
      ELSE must_be_in
    END AS must_be_in,
    CASE WHEN fate = 'superseded' THEN 1 ELSE 0 END AS is_superseded,
    CASE WHEN fate <> 'superseded' AND ROW_NUMBER() OVER (PARTITION BY row_id, fate, address ORDER BY may_be_in DESC, CASE WHEN day = 'unknown' THEN 1 ELSE 0 END, day, rule_number) > 1 THEN 1 ELSE 0 END AS is_again,
    CASE WHEN fate = 'unresolved' AND NOT (all_must_be_in = 1 AND first_address = last_address) AND must_be_in = 1 THEN 1 ELSE 0 END AS is_contradicted,
    CASE WHEN fate = 'unresolved' AND ROW_NUMBER() OVER (PARTITION BY row_id, fate ORDER BY may_be_in DESC, CASE WHEN day = 'unknown' THEN 1 ELSE 0 END, day, rule_number) = 1 THEN 1 ELSE 0 END AS contradicts
  FROM messages_resolved
),

-- both sides; a row that cannot be attributed is of the patient ''
all_rows AS (
  SELECT
    CASE WHEN rejected_for = '' THEN patient_id ELSE '' END AS patient_id,
    provider_id,
    1 AS is_seen,
    day,
    rule_number,
    may_be_in,
    must_be_in,
    is_contradicted,
    CASE WHEN must_be_in = 1 THEN '0' ELSE '1' END || CASE WHEN day = 'unknown' THEN '9999-99-99' ELSE day END || row_id AS row_key
  FROM encounters_records
  WHERE is_superseded = 0 AND is_again = 0
  UNION ALL
  SELECT
    CASE WHEN rejected_for = '' THEN patient_id ELSE '' END AS patient_id,
    provider_id,
    0 AS is_seen,
    day,
    rule_number,
    may_be_in,
    must_be_in,
    is_contradicted,
    CASE WHEN must_be_in = 1 THEN '0' ELSE '1' END || CASE WHEN day = 'unknown' THEN '9999-99-99' ELSE day END || row_id AS row_key
  FROM messages_records
  WHERE is_superseded = 0 AND is_again = 0
),

-- what they come to by patient and provider; what names nobody has the provider ''
pairs AS (
  SELECT
    patient_id,
    provider_id,
    SUM(is_seen) AS encounters_named,
    SUM(CASE WHEN is_seen = 1 AND may_be_in = 1 THEN 1 ELSE 0 END) AS encounters,
    MAX(CASE WHEN is_seen = 1 AND may_be_in = 1 THEN must_be_in ELSE 0 END) AS seen_for_certain,
    MIN(CASE WHEN is_seen = 1 AND may_be_in = 1 AND day <> 'unknown' THEN day ELSE NULL END) AS first_day,
    MAX(CASE WHEN is_seen = 1 AND may_be_in = 1 AND day <> 'unknown' THEN day ELSE NULL END) AS last_day,
    MIN(CASE WHEN is_seen = 1 AND may_be_in = 1 THEN row_key ELSE NULL END) AS encounter_key,
    SUM(CASE WHEN is_seen = 0 THEN must_be_in ELSE 0 END) AS counted,
    SUM(CASE WHEN is_seen = 0 THEN may_be_in - must_be_in ELSE 0 END) AS uncertain,
    MAX(CASE WHEN is_seen = 0 AND must_be_in = 1 THEN rule_number ELSE 0 END) AS counted_rule,
    MAX(CASE WHEN is_seen = 0 AND may_be_in = 1 AND must_be_in = 0 THEN rule_number ELSE 0 END) AS uncertain_rule,
    MAX(CASE WHEN is_seen = 0 AND is_contradicted = 1 THEN rule_number ELSE 0 END) AS contradicted_rule,
    MAX(CASE WHEN is_seen = 0 AND may_be_in = 0 THEN rule_number ELSE 0 END) AS out_rule,
    MIN(CASE WHEN is_seen = 0 AND may_be_in = 1 THEN row_key ELSE NULL END) AS row_key,
    MIN(CASE WHEN is_seen = 0 AND may_be_in = 1 THEN '1' || SUBSTR(row_key, 2) ELSE NULL END) AS perhaps_key
  FROM all_rows
  GROUP BY patient_id, provider_id
),

-- what names the provider, and what names nobody
reached AS (
  SELECT
    patient_id,
    provider_id,
    encounters_named,
    encounters,
    seen_for_certain,
    first_day,
    last_day,
    encounter_key,
    counted,
    SUM(CASE WHEN provider_id = '' THEN counted ELSE 0 END) OVER (PARTITION BY patient_id) AS open_counted,
    uncertain,
    SUM(CASE WHEN provider_id = '' THEN uncertain ELSE 0 END) OVER (PARTITION BY patient_id) AS open_uncertain,
    counted_rule,
    MAX(CASE WHEN provider_id = '' THEN counted_rule ELSE 0 END) OVER (PARTITION BY patient_id) AS open_counted_rule,
    uncertain_rule,
    MAX(CASE WHEN provider_id = '' THEN uncertain_rule ELSE 0 END) OVER (PARTITION BY patient_id) AS open_uncertain_rule,
    contradicted_rule,
    MAX(CASE WHEN provider_id = '' THEN contradicted_rule ELSE 0 END) OVER (PARTITION BY patient_id) AS open_contradicted_rule,
    out_rule,
    MAX(CASE WHEN provider_id = '' THEN out_rule ELSE 0 END) OVER (PARTITION BY patient_id) AS open_out_rule,
    row_key,
    MIN(CASE WHEN provider_id = '' THEN row_key ELSE NULL END) OVER (PARTITION BY patient_id) AS open_row_key,
    perhaps_key,
    MIN(CASE WHEN provider_id = '' THEN perhaps_key ELSE NULL END) OVER (PARTITION BY patient_id) AS open_perhaps_key,
    counted + uncertain AS own_rows
  FROM pairs
),

-- both together; what names nobody may count where it cannot be known for whom
credited AS (
  SELECT
    patient_id,
    provider_id,
    encounters_named,
    encounters,
    seen_for_certain,
    first_day,
    last_day,
    encounter_key,
    counted + 0 AS counted,
    uncertain + open_counted + open_uncertain AS uncertain,
    CASE WHEN counted_rule >= 0 THEN counted_rule ELSE 0 END AS counted_rule,
    CASE WHEN uncertain_rule >= open_uncertain_rule THEN uncertain_rule ELSE open_uncertain_rule END AS uncertain_rule,
    CASE WHEN out_rule >= open_out_rule THEN out_rule ELSE open_out_rule END AS out_rule,
    CASE
      WHEN row_key IS NULL THEN open_perhaps_key
      WHEN open_row_key IS NULL THEN row_key
      WHEN row_key <= open_perhaps_key THEN row_key
      ELSE open_perhaps_key
    END AS row_key,
    CASE WHEN contradicted_rule >= 0 THEN contradicted_rule ELSE 0 END AS contradicted_rule,
    CASE WHEN open_counted_rule >= open_contradicted_rule THEN open_counted_rule ELSE open_contradicted_rule END AS unattributed_rule,
    CASE WHEN counted + uncertain > 0 AND (provider_id = '' OR open_counted + open_uncertain = 0) THEN 1 ELSE 0 END AS writes,
    own_rows
  FROM reached
),

-- what the data allow of each patient towards each provider
standings AS (
  SELECT
    CASE WHEN seen_for_certain = 1 THEN 'certain' ELSE 'possible' END AS denominator,
    CASE
      WHEN counted > 0 THEN 'certain'
      WHEN uncertain > 0 THEN 'possible'
      ELSE 'none'
    END AS numerator,
    provider_id,
    patient_id,
    encounters_named,
    encounters,
    first_day,
    last_day,
    encounter_key,
    counted,
    uncertain,
    counted_rule,
    uncertain_rule,
    unattributed_rule,
    contradicted_rule,
    out_rule,
    row_key,
    own_rows,
    writes
  FROM credited
),

-- those whom the provider saw, or may have seen, with the rule that came nearest
reasoned AS (
  SELECT
    provider_id,
    patient_id,
    denominator,
    numerator,
    encounters,
    COALESCE(first_day, '') AS first_seen,
    COALESCE(last_day, '') AS last_seen,
    counted AS counted_messages,
    uncertain AS uncertain_messages,
    CASE
      WHEN numerator = 'certain' AND SUBSTR(row_key, 2, 10) <> '9999-99-99' THEN SUBSTR(row_key, 2, 10)
      ELSE ''
    END AS first_counted_at,
    CASE
      WHEN numerator = 'certain' THEN counted_rule
      WHEN numerator = 'possible' AND contradicted_rule > 0 AND contradicted_rule >= uncertain_rule AND contradicted_rule >= unattributed_rule THEN -2
      WHEN numerator = 'possible' AND unattributed_rule >= uncertain_rule THEN -1
      WHEN numerator = 'possible' THEN uncertain_rule
      ELSE out_rule
    END AS reason_number,
    COALESCE(SUBSTR(encounter_key, 12), '') AS encounter_ref,
    COALESCE(SUBSTR(row_key, 12), '') AS message_ref
  FROM standings
  WHERE encounters > 0 AND patient_id <> ''
),

-- one row per provider and patient
ledger AS (
  SELECT
    provider_id,
    patient_id,
    denominator,
    numerator,
    encounters,
    first_seen,
    last_seen,
    counted_messages,
    uncertain_messages,
    first_counted_at,
    CASE
      WHEN reason_number = -2 THEN 'contradicting-versions'
      WHEN reason_number = -1 THEN 'unattributed'
      WHEN reason_number = 0 THEN 'no-message'
      WHEN reason_number = 1 THEN 'not-sent'
      WHEN reason_number = 2 THEN 'not-from-patient'
      WHEN reason_number = 3 THEN 'sent-outside-period'
      WHEN reason_number = 4 THEN 'channel-not-certified'
      WHEN reason_number = 5 THEN 'not-to-provider'
      WHEN reason_number = 6 THEN 'not-clinical'
      WHEN reason_number = 7 THEN 'appointment-to-pool'
      WHEN reason_number = 8 THEN 'record-request'
      WHEN reason_number = 9 THEN 'appointment-request'
      WHEN reason_number = 10 THEN 'pool'
      WHEN reason_number = 11 THEN 'topic-other'
      WHEN reason_number = 12 THEN 'counts'
      ELSE ''
    END AS reason,
    encounter_ref,
    message_ref
  FROM reasoned
),

-- how many patients have each standing towards each provider, how many rows are of nobody, and who wrote
counts AS (
  SELECT
    provider_id,
    SUM(CASE WHEN encounters > 0 AND patient_id <> '' AND denominator = 'possible' AND numerator = 'none' THEN 1 ELSE 0 END) AS possible_none,
    SUM(CASE WHEN encounters > 0 AND patient_id <> '' AND denominator = 'possible' AND numerator = 'possible' THEN 1 ELSE 0 END) AS possible_possible,
    SUM(CASE WHEN encounters > 0 AND patient_id <> '' AND denominator = 'possible' AND numerator = 'certain' THEN 1 ELSE 0 END) AS possible_certain,
    SUM(CASE WHEN encounters > 0 AND patient_id <> '' AND denominator = 'certain' AND numerator = 'none' THEN 1 ELSE 0 END) AS certain_none,
    SUM(CASE WHEN encounters > 0 AND patient_id <> '' AND denominator = 'certain' AND numerator = 'possible' THEN 1 ELSE 0 END) AS certain_possible,
    SUM(CASE WHEN encounters > 0 AND patient_id <> '' AND denominator = 'certain' AND numerator = 'certain' THEN 1 ELSE 0 END) AS certain_certain,
    SUM(CASE WHEN patient_id = '' THEN encounters ELSE 0 END) AS unusable_encounters,
    SUM(CASE WHEN patient_id = '' THEN own_rows ELSE 0 END) AS unusable_messages,
    SUM(CASE WHEN patient_id <> '' THEN writes ELSE 0 END) AS writers,
    SUM(encounters_named) AS is_listed,
    SUM(encounters_named) AS is_known
  FROM standings
  GROUP BY provider_id
),

-- rows of nobody may concern each provider whom they can reach
concerned AS (
  SELECT
    provider_id,
    possible_none,
    possible_possible,
    possible_certain,
    certain_none,
    certain_possible,
    certain_certain,
    is_listed,
    is_known,
    unusable_encounters + SUM(CASE WHEN provider_id = '' THEN unusable_encounters ELSE 0 END) OVER () AS unusable_encounters,
    unusable_messages + SUM(CASE WHEN provider_id = '' THEN unusable_messages ELSE 0 END) OVER () AS unusable_messages,
    writers + SUM(CASE WHEN provider_id = '' THEN writers ELSE 0 END) OVER () AS writers,
    unusable_encounters AS own_encounters,
    unusable_messages AS own_messages
  FROM counts
),

-- one row a provider; of those who wrote, the patients whom the provider did not see
sums AS (
  SELECT
    provider_id,
    possible_none,
    possible_possible,
    possible_certain,
    certain_none,
    certain_possible,
    certain_certain,
    unusable_encounters,
    unusable_messages,
    writers - (possible_possible + possible_certain + certain_possible + certain_certain) AS unseen_writers
  FROM concerned
  WHERE provider_id <> '' AND is_listed > 0
),

-- patients whom unusable rows can add to the numerator: those who wrote, and those who were seen
gained AS (
  SELECT
    *,
    CASE WHEN unusable_encounters < unseen_writers THEN unusable_encounters ELSE unseen_writers END AS writers_gained,
    CASE WHEN unusable_messages < certain_none THEN unusable_messages ELSE certain_none END AS seen_gained
  FROM sums
),

-- and those whom an encounter and a message can add together
all_gained AS (
  SELECT
    *,
    CASE WHEN unusable_messages - seen_gained < possible_none + unusable_encounters - writers_gained THEN unusable_messages - seen_gained ELSE possible_none + unusable_encounters - writers_gained END AS others_gained
  FROM gained
),

-- denominator and numerator, and how far they are from the threshold
margins AS (
  SELECT
    provider_id,
    certain_none + certain_possible + certain_certain AS denominator_least,
    possible_none + possible_possible + possible_certain + certain_none + certain_possible + certain_certain + unusable_encounters AS denominator_most,
    certain_certain AS numerator_least,
    possible_possible + possible_certain + certain_possible + certain_certain + writers_gained + seen_gained + others_gained AS numerator_most,
    -5 * possible_none + -5 * possible_possible + -5 * certain_none + -5 * certain_possible + 95 * certain_certain + -5 * unusable_encounters AS margin_least,
    95 * possible_possible + 95 * possible_certain + -5 * certain_none + 95 * certain_possible + 95 * certain_certain + 100 * seen_gained + 95 * (writers_gained + others_gained) AS margin_most,
    unusable_encounters,
    unusable_messages
  FROM all_gained
),

-- one row a provider; one without patients stays
summary AS (
  SELECT
    provider_id,
    denominator_least,
    denominator_most,
    numerator_least,
    numerator_most,
    CASE
      WHEN denominator_most = 0 THEN 'not-calculable'
      WHEN margin_least >= 1 THEN 'met'
      WHEN margin_most < 1 AND denominator_least > 0 THEN 'not-met'
      ELSE 'indeterminate'
    END AS verdict,
    unusable_encounters,
    unusable_messages
  FROM margins
)
SELECT *
FROM summary
ORDER BY provider_id
