import Federation
import LocalTraining
import RecommenderModels
public import StrictYAML

extension PlanDraft {
    /// Reads a plan file. Every key is checked; the documented example is `examples/plan.yaml`.
    /// - Throws: ``YAMLFileError`` naming line, key and what was expected.
    public init(yaml text: String, fileName: String) throws(YAMLFileError) {
        var file = try StrictMapping(yaml: text, fileName: fileName)
        let name = try file.string("name")
        let seed = UInt64(try file.optionalInteger("seed", in: 0 ... .max) ?? 1)
        let model = try file.variant("model", Self.modelWords, read: Self.model)
        try self.init(name: name, seed: seed, model: model, section: &file)
        try file.finish()
    }

    /// What a plan says besides its name, its seed and its model.
    init(name: String, seed: UInt64, model: ModelConfiguration, section file: inout StrictMapping) throws(YAMLFileError) {
        self.name = name
        self.seed = seed
        self.model = model
        rounds = try file.integer("rounds", in: 1...100_000)
        let attempts = try file.optionalInteger("maximum-attempts", in: 1...200_000)
        maximumAttempts = attempts ?? rounds + max(2, rounds / 10)
        guard maximumAttempts >= rounds else { throw file.problem("`maximum-attempts` must be at least `rounds`") }
        maximumUsers = try file.optionalInteger("maximum-users", in: 1...1_000_000_000) ?? 1_000_000
        training = try file.mapping("training", read: Self.training)
        privacy = try file.mapping("privacy", read: { keys throws(YAMLFileError) in try PrivacyDraft(section: &keys) })
        serverOptimizer = try file.optionalVariant("server-optimizer", ["fedavg", "fedavgm", "fedadam", "fedyogi", "fedadagrad", "replace"], read: Self.serverOptimizer)
            ?? (model.learnsFromStatistics ? .replace : .fedAvg(learningRate: 1))
        serverDecay = try file.optionalMapping("server-decay") { keys throws(YAMLFileError) in
            ServerDecay(
                start: try keys.optionalNumber("start", "a number from 0 to below 1", where: { $0 >= 0 && $0 < 1 }).map(Float.init) ?? 0,
                end: try keys.optionalNumber("end", "a number above 0 and at most 1", where: { $0 > 0 && $0 <= 1 }).map(Float.init) ?? 0.05)
        }
        let distributed = privacy.mode == .distributed
        let threshold = privacy.threshold
        selection = try file.optionalMapping("selection", read: { keys throws(YAMLFileError) in try Self.selection(&keys, distributed: distributed, threshold: threshold) })
            ?? SelectionPlan()
    }

    /// Words of `model:`, in plans and in recipes.
    static let modelWords = [
        "gru4rec",
        "bpr-mf",
        "sasrec",
        "lstm",
        "caser",
        "bert4rec",
        "ease",
        "item-knn",
        "item-transitions",
        "pure-svd",
        "nmf",
        "lightgcn",
        "user-knn",
        "ials",
        "ials-statistics",
        "item2vec",
    ]

    static func model(_ word: String, _ keys: inout StrictMapping) throws(YAMLFileError) -> ModelConfiguration {
        switch word {
        case "gru4rec": return .gru4rec(try GRU4RecConfiguration(section: &keys))
        case "ials": return .ials(try IALSConfiguration(&keys))
        case "ials-statistics": return .ialsStatistics(try IALSConfiguration(&keys))
        case "item2vec": return .item2Vec(try Item2VecConfiguration(&keys))
        case "sasrec": return .sasRec(try sasRec(&keys))
        case "ease": return .ease(try EASEConfiguration(section: &keys))
        case "item-transitions": return .itemTransitions(try ItemTransitionsConfiguration(section: &keys))
        case "item-knn": return .itemKNN(try ItemKNNConfiguration(section: &keys))
        case "pure-svd": return .pureSVD(try PureSVDConfiguration(section: &keys))
        case "user-knn":
            throw keys.problem(
                "`user-knn` looks at other users' histories when it answers, so that it cannot leave the data: choose item-knn or ease; "
                    + "beside the data, `simulate baseline --model user-knn` has it")
        case "lightgcn": return .lightGCN(try LightGCNConfiguration(section: &keys))
        case "nmf": return .nmf(try NMFConfiguration(section: &keys))
        case "lstm": return .lstm(try LSTMConfiguration(section: &keys))
        case "caser": return .caser(try CaserConfiguration(section: &keys))
        case "bert4rec": return .bert4rec(try BERT4RecConfiguration(section: &keys))
        default:
            var model = BPRMFConfiguration()
            model.dimension = try keys.optionalInteger("dimension", in: 1...1024) ?? model.dimension
            model.regularization = try keys.nonNegative("regularization") ?? model.regularization
            model.foldInSteps = try keys.optionalInteger("fold-in-steps", in: 1...10_000) ?? model.foldInSteps
            model.negativeExponent = try keys.number("negative-exponent", from: -1, through: 1) ?? model.negativeExponent
            return .bprMF(model)
        }
    }

    private static func training(_ keys: inout StrictMapping) throws(YAMLFileError) -> TrainingConfiguration {
        let unit = try keys.choice("unit", ["silo": TrainingConfiguration.Unit.silo, "per-user": .perUser])
        let optimizer = try optimizer(&keys)
        var training = TrainingConfiguration(unit: unit, optimizer: optimizer)
        training.epochs = try keys.optionalInteger("epochs", in: 1...1000) ?? training.epochs
        training.batchSize = try keys.optionalInteger("batch-size", in: 1...65_536) ?? training.batchSize
        training.maximumLength = try keys.optionalInteger("maximum-length", in: 2...4096) ?? training.maximumLength
        training.maximumWindows = try keys.optionalInteger("maximum-windows", in: 1...10_000) ?? training.maximumWindows
        training.minimumEvents = try keys.optionalInteger("minimum-events", in: 2...1_000_000) ?? training.minimumEvents
        return training
    }

    /// The optimiser of local steps, in plans and in recipes.
    static func optimizer(_ keys: inout StrictMapping) throws(YAMLFileError) -> LocalOptimizer {
        try keys.variant("optimizer", ["sgd", "adagrad", "adam", "adamw"]) { word, keys throws(YAMLFileError) in
            let rate = try keys.rate()
            switch word {
            case "sgd": return .sgd(learningRate: rate, momentum: try keys.probability("momentum") ?? 0)
            case "adagrad":
                let momentum = try keys.probability("momentum") ?? 0
                return momentum > 0 ? .adagradMomentum(learningRate: rate, momentum: momentum) : .adagrad(learningRate: rate)
            case "adam": return .adam(learningRate: rate)
            default:
                var settings = AdamWSettings(learningRate: rate)
                settings.weightDecay = try keys.nonNegative("weight-decay") ?? settings.weightDecay
                settings.beta1 = try keys.probability("beta1") ?? settings.beta1
                settings.beta2 = try keys.probability("beta2") ?? settings.beta2
                settings.sparse = try keys.optionalFlag("sparse") ?? settings.sparse
                return .adamW(settings)
            }
        }
    }

    private static func serverOptimizer(_ word: String, _ keys: inout StrictMapping) throws(YAMLFileError) -> ServerOptimizer {
        if word == "replace" { return .replace }
        let rate = try keys.optionalNumber("learning-rate", "a number above 0", where: { $0 > 0 }).map(Float.init) ?? (word == "fedavg" || word == "fedavgm" ? 1 : 0.01)
        switch word {
        case "fedavg": return .fedAvg(learningRate: rate)
        case "fedavgm": return .fedAvgM(learningRate: rate, momentum: try keys.probability("momentum") ?? 0.9)
        case "fedadagrad": return .fedAdagrad(learningRate: rate, tau: try keys.tau())
        default:
            let beta1 = try keys.probability("beta1") ?? 0.9
            let beta2 = try keys.probability("beta2") ?? 0.99
            let tau = try keys.tau()
            return word == "fedadam" ? .fedAdam(learningRate: rate, beta1: beta1, beta2: beta2, tau: tau) : .fedYogi(learningRate: rate, beta1: beta1, beta2: beta2, tau: tau)
        }
    }

    private static func selection(_ keys: inout StrictMapping, distributed: Bool, threshold: Int?) throws(YAMLFileError) -> SelectionPlan {
        var selection = SelectionPlan()
        selection.rule = try keys.optionalVariant("rule", ["all", "uniform"]) { word, keys throws(YAMLFileError) in
            word == "uniform" ? .uniform(count: try keys.integer("count", in: 1...1_000_000)) : SelectionPlan.Rule.all
        } ?? .all
        selection.overSelection = try keys.optionalNumber("over-selection", "a number of at least 1", where: { $0 >= 1 }) ?? 1
        selection.minimumCohort = try keys.optionalInteger("minimum-cohort", in: 1...1_000_000) ?? 1
        selection.quorum = try keys.optionalInteger("quorum", in: 1...1_000_000) ?? (
            distributed ? threshold ?? AggregationPlan.recommended(nodes: selection.minimumCohort).threshold : selection.minimumCohort)
        selection.deadlineSeconds = try keys.optionalInteger("deadline-seconds", in: 1...604_800) ?? selection.deadlineSeconds
        selection.gatherSeconds = try keys.optionalInteger("gather-seconds", in: 0...86_400) ?? selection.gatherSeconds
        return selection
    }
}

extension PrivacyDraft {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        mode = try keys.choice("mode", ["local": Mode.local, "distributed": .distributed, "central": .central, "off": .off])
        let above0 = "a number above 0"
        let mode = mode
        func onlyPrivate(_ value: Double?, _ key: String) throws(YAMLFileError) -> Double? {
            if value != nil, mode == .off { throw keys.problem("`privacy.\(key)` has no meaning with mode `off`: remove it, or choose local, distributed or central") }
            return value
        }
        clip = try onlyPrivate(try keys.optionalNumber("clip", above0, where: { $0 > 0 }), "clip")
        epsilon = try onlyPrivate(try keys.optionalNumber("epsilon", above0, where: { $0 > 0 }), "epsilon")
        delta = try onlyPrivate(try keys.optionalNumber("delta", "a number between 0 and 1", where: { $0 > 0 && $0 < 1 }), "delta") ?? 1e-6
        samplingRate = try onlyPrivate(try keys.optionalNumber("sampling-rate", "a number above 0 and at most 1", where: { $0 > 0 && $0 <= 1 }), "sampling-rate") ?? 1
        func onlyDistributed(_ value: Int?, _ key: String) throws(YAMLFileError) -> Int? {
            if value != nil, mode != .distributed { throw keys.problem("`privacy.\(key)` has a meaning with mode `distributed` only: remove it") }
            return value
        }
        threshold = try onlyDistributed(try keys.optionalInteger("threshold", in: 2...255), "threshold")
        collusion = try onlyDistributed(try keys.optionalInteger("tolerated-collusion", in: 0...255), "tolerated-collusion")
        minimumOrganisations = try onlyDistributed(try keys.optionalInteger("minimum-organisations", in: 3...255), "minimum-organisations") ?? 3
        stageSeconds = try onlyDistributed(try keys.optionalInteger("stage-seconds", in: 1...86_400), "stage-seconds") ?? 60
        noiseMultiplier = try onlyPrivate(try keys.optionalNumber("noise-multiplier", above0, where: { $0 > 0 }), "noise-multiplier")
        adaptiveClip = try keys.optionalMapping("adaptive-clip") { keys throws(YAMLFileError) in
            AdaptiveClip(
                quantile: try keys.optionalNumber("quantile", "a number between 0 and 1", where: { $0 > 0 && $0 < 1 }) ?? 0.5,
                learningRate: try keys.optionalNumber("learning-rate", "a number above 0 and at most 1", where: { $0 > 0 && $0 <= 1 }) ?? 0.2,
                countDeviation: try keys.number("count-noise", "a number of users above 0", where: { $0 > 0 }))
        }
        if adaptiveClip != nil, mode == .off { throw keys.problem("`privacy.adaptive-clip` has no meaning with mode `off`: remove it, or choose local or central") }
        tensorClips = try keys.mappings("tensor-clips") { keys throws(YAMLFileError) in
            TensorClip(tensor: try keys.string("tensor"), clip: try keys.number("clip", "a number above 0", where: { $0 > 0 }))
        }
        if !tensorClips.isEmpty, mode == .off { throw keys.problem("`privacy.tensor-clips` has no meaning with mode `off`: remove it, or choose local or central") }
        range = try keys.optionalNumber("range", above0, where: { $0 > 0 }) ?? 65_536
        grid = try keys.optionalMapping("grid") { keys throws(YAMLFileError) in
            GridPlan(
                scale: try keys.number("scale", "a power of two", where: { $0 > 0 && $0.significand == 1 }),
                modulusBits: try keys.choice("modulus-bits", ["32": 32, "40": 40, "64": 64]))
        }
        if mode != .off {
            if clip == nil { throw keys.problem("`privacy.clip` is missing: the L2 bound on one user's contribution, for instance 0.5") }
            if epsilon == nil { throw keys.problem("`privacy.epsilon` is missing: what the plan may cost a user over all rounds, for instance 8") }
        }
    }
}

extension StrictMapping {
    mutating func probability(_ key: String) throws(YAMLFileError) -> Float? {
        try optionalNumber(key, "a number of at least 0 and below 1", where: { $0 >= 0 && $0 < 1 }).map(Float.init)
    }
    mutating func nonNegative(_ key: String) throws(YAMLFileError) -> Float? {
        try optionalNumber(key, "a number of at least 0", where: { $0 >= 0 }).map(Float.init)
    }
    mutating func rate() throws(YAMLFileError) -> Float {
        Float(try number("learning-rate", "a number above 0", where: { $0 > 0 }))
    }
    mutating func tau() throws(YAMLFileError) -> Float {
        try optionalNumber("tau", "a number above 0", where: { $0 > 0 }).map(Float.init) ?? 1e-3
    }
}
