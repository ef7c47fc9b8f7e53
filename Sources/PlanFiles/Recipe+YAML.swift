import Interactions
import LocalTraining
import RankingEvaluation
import RecommenderModels
public import StrictYAML

extension Recipe {
    /// Reads a recipe. Every key is checked; `recipes/README.md` documents them.
    /// - Throws: ``YAMLFileError`` naming line, key and what was expected.
    public init(yaml text: String, fileName: String) throws(YAMLFileError) {
        var file = try StrictMapping(yaml: text, fileName: fileName)
        let base = fileName.split(separator: "/").last.map(String.init) ?? fileName
        name = base.hasSuffix(".yaml") ? String(base.dropLast(5)) : base
        _ = try file.optionalString("description")
        var word = ""
        model = try file.variant("model", PlanDraft.modelWords) { name, keys throws(YAMLFileError) in
            word = name
            return try PlanDraft.model(name, &keys)
        }
        modelName = word
        let (recipeName, recipeModel) = (name, model)
        federation = try file.optionalMapping("federation") { keys throws(YAMLFileError) in try FederatedRecipe(section: &keys, name: recipeName, model: recipeModel) }
        // The plan of a federation has rounds instead.
        let epochs = try federation == nil ? file.integer("epochs", in: 1...10_000) : 1
        settings = try file.optionalMapping("training") { keys throws(YAMLFileError) in try Self.settings(&keys) } ?? PooledSettings(training: Self.noTraining)
        settings.training.epochs = epochs
        settings.schedule = try file.optionalVariant("schedule", ["constant", "linear", "cosine", "step"], read: Self.schedule) ?? .constant
        settings.averaging = try file.optionalMapping("weight-averaging") { keys throws(YAMLFileError) in
            Float(try keys.number("decay", "a number between 0 and 1", where: { $0 > 0 && $0 < 1 }))
        }
        stopping = try file.optionalMapping("early-stopping", read: Self.stopping) ?? EarlyStopping()
        split = try file.optionalVariant("split", ["leave-one-out", "random", "global-time"], read: Self.split) ?? .leaveOneOut
        refit = try file.optionalFlag("refit") ?? false
        seen = try file.optionalChoice("seen", ["removed": SeenRule.removed, "kept": .kept]) ?? .removed
        minimumUserEvents = try file.optionalInteger("minimum-user-events", in: 3...1_000_000) ?? 3
        cleaning = []
        for step in try file.optionalStrings("clean") ?? [] {
            do { cleaning.append(try CleaningStep(parsing: step)) } catch { throw file.problem("`clean`: \(error)") }
        }
        var cutoffs: Set<Int> = [10]
        for text in try file.optionalStrings("cutoffs") ?? [] {
            guard let k = Int(text), k >= 1 else { throw file.problem("`cutoffs` must be whole numbers of at least 1, not `\(text)`") }
            cutoffs.insert(k)
        }
        self.cutoffs = cutoffs.sorted()
        try file.finish()
        if federation != nil, split != .leaveOneOut || refit {
            throw file.problem("nodes split their events by leave-one-out: with `federation`, leave `split` and `refit` out")
        }
        do {
            try model.validate()
            try settings.validate()
        } catch { throw file.problem("\(error)") }
    }

    /// For models that are computed rather than stepped to.
    private static let noTraining = TrainingConfiguration(unit: .silo, optimizer: .sgd(learningRate: 1, momentum: 0))

    private static func settings(_ keys: inout StrictMapping) throws(YAMLFileError) -> PooledSettings {
        var training = TrainingConfiguration(unit: .silo, optimizer: try PlanDraft.optimizer(&keys))
        training.batchSize = try keys.optionalInteger("batch-size", in: 1...65_536) ?? training.batchSize
        training.maximumLength = try keys.optionalInteger("maximum-length", in: 2...1000) ?? training.maximumLength
        training.maximumWindows = try keys.optionalInteger("maximum-windows", in: 1...10_000) ?? training.maximumWindows
        training.minimumEvents = try keys.optionalInteger("minimum-events", in: 2...1_000_000) ?? training.minimumEvents
        var settings = PooledSettings(training: training)
        settings.gradientClip = try keys.optionalNumber("gradient-clip", "a number above 0", where: { $0 > 0 }).map { Float($0) }
        return settings
    }

    private static func schedule(_ word: String, _ keys: inout StrictMapping) throws(YAMLFileError) -> LearningRateSchedule {
        let warmUp = try keys.optionalNumber("warm-up-epochs", "a number of at least 0", where: { $0 >= 0 }) ?? 0
        if word == "step" {
            let every = try keys.integer("every-epochs", in: 1...10_000)
            let factor = try keys.number("factor", "a number above 0 and at most 1", where: { $0 > 0 && $0 <= 1 })
            return LearningRateSchedule(.step(everyEpochs: every, factor: factor), warmUpEpochs: warmUp)
        }
        if word == "constant" { return LearningRateSchedule(warmUpEpochs: warmUp) }
        let end = try keys.optionalNumber("end", "a share from 0 to 1", where: { $0 >= 0 && $0 <= 1 }) ?? 0
        let epochs = try keys.optionalInteger("decay-epochs", in: 1...10_000)
        return LearningRateSchedule(word == "linear" ? .linear(end: end) : .cosine(end: end), warmUpEpochs: warmUp, decayEpochs: epochs)
    }

    private static func stopping(_ keys: inout StrictMapping) throws(YAMLFileError) -> EarlyStopping {
        EarlyStopping(
            metric: try keys.optionalChoice("metric", ["ndcg@10": EarlyStopping.Metric.ndcg10, "hr@10": .hitRate10]) ?? .ndcg10,
            every: try keys.optionalInteger("every", in: 1...10_000) ?? 1, patience: try keys.optionalInteger("patience", in: 1...10_000),
            validationUsers: try keys.optionalInteger("validation-users", in: 1...1_000_000_000))
    }

    private static func split(_ word: String, _ keys: inout StrictMapping) throws(YAMLFileError) -> SplitRule {
        if word == "leave-one-out" { return .leaveOneOut }
        let train = try keys.optionalNumber("train", "a share between 0 and 1", where: { $0 > 0 && $0 < 1 }) ?? 0.8
        let validation = try keys.optionalNumber("validation", "a share of at least 0 and below 1", where: { $0 >= 0 && $0 < 1 }) ?? 0.1
        return word == "random" ? .random(train: train, validation: validation) : .globalTime(train: train, validation: validation)
    }
}

extension FederatedRecipe {
    init(section keys: inout StrictMapping, name: String, model: ModelConfiguration) throws(YAMLFileError) {
        let nodes = try keys.optionalInteger("nodes", in: 1...100_000)
        let settled = try keys.optionalVariant("assign", ["hash", "dirichlet", "one-user-per-node"]) { word, keys throws(YAMLFileError) in
            switch word {
            case "dirichlet": return Assignment.dirichlet(nodes: nodes ?? 0, alpha: try keys.number("alpha", "a number above 0", where: { $0 > 0 }))
            case "hash": return .hash(nodes: nodes ?? 0)
            default: return .oneUserPerNode
            }
        }
        assignment = settled ?? .hash(nodes: nodes ?? 0)
        guard (assignment == .oneUserPerNode) == (nodes == nil) else {
            throw keys.problem("`nodes` is needed, except with `assign: one-user-per-node`, which says it already")
        }
        evaluateEvery = try keys.optionalInteger("evaluate-every", in: 1...100_000) ?? 1
        plan = try keys.mapping("plan") { keys throws(YAMLFileError) in try PlanDraft(name: name, seed: 1, model: model, section: &keys) }
    }
}
