/// The files that `assay init` writes where there are none.
enum StartingFiles {
    static let policy = """
        # What a candidate must show. Limits are best taken from retrains that were honest.
        schema: assay/gate/v1
        compare: {/decision: exact}                       # fill in: the fields that callers act on
        baseline: {resolve: stage/prod, if_missing: first_run}
        captures:
          core: {ref: core, min_requests: 1000}
        checks:
          - {id: identity, kind: identity, on: core, limit: {max: 0.5%}}
          - id: same.answers
            kind: response
            on: core
            when: {unchanged: [weights, features, data]}
            limit: {max: 0 requests}
          - id: flips
            kind: response
            on: core
            when: {changed: [weights, features, data]}
            fields: [/decision]                           # fill in: scores change with every retrain
            limit: {max: 5%}
          - {id: errors, kind: errors, on: core, limit: {max_increase: 0.5pp}}
        stages:
          - {name: dev, from: any, undecided: pass, sample: 500 requests, checks: all}
          - {name: prod, from: dev, checks: all}

        """
}
