import DifferentialPrivacy
import Federation
import LocalTraining
import RecommenderModels
import SeededRandom

extension Plan {
    /// A small plan that breaks no rule.
    static func example(
        name: String = "example", privacy: PrivacyPlan = PrivacyPlan(mode: .off(range: 1000), grid: GridPlan(scale: 0x1p20, modulusBits: 64)),
        unit: TrainingConfiguration.Unit = .perUser, selection: SelectionPlan = SelectionPlan(), rounds: Int = 3, maximumAttempts: Int = 5,
        serverOptimizer: ServerOptimizer = .fedAvg(learningRate: 1), seed: UInt64 = 7
    ) -> Plan {
        Plan(
            name: name, seed: seed, catalog: CatalogReference(digest: Digest(of: Array("catalog".utf8)), itemCount: 10),
            model: .bprMF(BPRMFConfiguration(dimension: 4)),
            training: TrainingConfiguration(unit: unit, optimizer: .sgd(learningRate: 0.1, momentum: 0)), privacy: privacy,
            serverOptimizer: serverOptimizer, selection: selection, rounds: rounds, maximumAttempts: maximumAttempts)
    }

    /// A private plan whose noise covers what it promises.
    static func privateExample(epsilon: Double = 8, noiseMultiplier: Double = 4) -> Plan {
        example(
            privacy: PrivacyPlan(
                mode: .local(GaussianMechanism(clip: 1, noiseMultiplier: noiseMultiplier, epsilon: epsilon, delta: 1e-6)),
                grid: GridPlan(scale: 0x1p14, modulusBits: 40)))
    }

    /// Any of the choices an encoding must carry, with values from a seed.
    static func random(_ stream: inout RandomStream) -> Plan {
        func whole() -> Int { Int(Int32(truncatingIfNeeded: stream.next())) }
        func real() -> Double { Double(whole()) / 64 }
        func short() -> Float { Float(whole()) / 64 }
        let mechanism = GaussianMechanism(clip: real(), noiseMultiplier: real(), epsilon: real(), delta: real(), samplingRate: real())
        let losses: [SequenceLoss] = [
            .crossEntropy, .sampledSoftmax(negatives: whole(), logQ: stream.bernoulli(0.5)), .bprMax(negatives: whole(), regularization: short()),
            .binaryCrossEntropy(negatives: whole(), shared: stream.bernoulli(0.5)), .bpr(negatives: whole(), shared: stream.bernoulli(0.5)),
            .generalizedBCE(negatives: whole(), calibration: short(), shared: stream.bernoulli(0.5)),
        ]
        let models: [ModelConfiguration] = [
            .gru4rec(
                GRU4RecConfiguration(
                    embeddingDimension: whole(), hiddenDimension: whole(), layers: whole(), tiedEmbeddings: stream.bernoulli(0.5), embeddingDropout: short(),
                    hiddenDropout: short(), loss: losses[stream.below(losses.count)])),
            .bprMF(BPRMFConfiguration(dimension: whole(), regularization: short(), foldInSteps: whole())),
            .sasRec(
                SASRecConfiguration(
                    dimension: whole(), blocks: whole(), heads: whole(), maximumLength: whole(), feedForwardDimension: whole(),
                    activation: stream.bernoulli(0.5) ? .relu : .gelu, positions: stream.bernoulli(0.5) ? .mostRecentFirst : .oldestFirst,
                    residual: stream.bernoulli(0.5) ? .inputs : .normalized, tiedEmbeddings: stream.bernoulli(0.5), outputBias: stream.bernoulli(0.5), embeddingDropout: short(), attentionDropout: short(),
                    hiddenDropout: short(), loss: losses[stream.below(losses.count)], leavesOutMet: stream.bernoulli(0.5))),
            .ease(EASEConfiguration(regularization: short(), userWeight: stream.bernoulli(0.5) ? .equal : .inverseCount)),
            .itemKNN(
                ItemKNNConfiguration(
                    similarity: stream.bernoulli(0.5) ? .cosine : .euclidean, neighbours: whole(), shrinkage: short(), userWeight: .inverseRoot)),
            .itemTransitions(
                ItemTransitionsConfiguration(
                    direction: stream.bernoulli(0.5) ? .both : .forward, window: whole(), distanceExponent: short(), threshold: short(),
                    recentEvents: whole(), recency: short(), rowExponent: short())),
            .pureSVD(PureSVDConfiguration(dimension: whole(), userWeight: .inverseCount)),
            .nmf(NMFConfiguration(dimension: whole(), regularization: short(), userWeight: .inverseRoot)),
            .lightGCN(LightGCNConfiguration(dimension: whole(), layers: whole(), regularization: short())),
            .lstm(
                LSTMConfiguration(
                    embeddingDimension: whole(), hiddenDimension: whole(), layers: whole(), tiedEmbeddings: stream.bernoulli(0.5), embeddingDropout: short(),
                    hiddenDropout: short(), loss: losses[stream.below(losses.count)])),
            .bert4rec(
                BERT4RecConfiguration(
                    dimension: whole(), blocks: whole(), heads: whole(), maximumLength: whole(), feedForwardDimension: whole(), maskProbability: short(),
                    lastOnlyProbability: short(), embeddingDropout: short(), attentionDropout: short(), hiddenDropout: short(),
                    loss: losses[stream.below(losses.count)])),
            .caser(
                CaserConfiguration(
                    dimension: whole(), window: whole(), horizontalFilters: whole(), maximumHeight: whole(), verticalFilters: whole(),
                    tiedEmbeddings: stream.bernoulli(0.5), dropout: short(), loss: losses[stream.below(losses.count)])),
        ]
        let optimizers: [LocalOptimizer] = [.sgd(learningRate: short(), momentum: short()), .adagrad(learningRate: short()), .adam(learningRate: short())]
        let servers: [ServerOptimizer] = [
            .fedAvg(learningRate: short()), .fedAvgM(learningRate: short(), momentum: short()),
            .fedAdam(learningRate: short(), beta1: short(), beta2: short(), tau: short()),
            .fedYogi(learningRate: short(), beta1: short(), beta2: short(), tau: short()), .fedAdagrad(learningRate: short(), tau: short()), .replace,
        ]
        let aggregation = AggregationPlan(threshold: whole(), collusion: whole(), minimumOrganisations: whole(), stageSeconds: whole())
        let modes: [PrivacyPlan.Mode] = [.off(range: real()), .local(mechanism), .central(mechanism), .distributed(mechanism, aggregation)]
        let rules: [SelectionPlan.Rule] = [.all, .uniform(count: whole())]
        return Plan(
            name: "plan \(whole()) ü", seed: stream.next(),
            catalog: CatalogReference(digest: Digest(of: (0..<4).map { _ in UInt8(truncatingIfNeeded: stream.next()) }), itemCount: whole()),
            model: models[stream.below(models.count)],
            training: TrainingConfiguration(
                unit: stream.bernoulli(0.5) ? .silo : .perUser, optimizer: optimizers[stream.below(optimizers.count)], epochs: whole(), batchSize: whole(),
                maximumLength: whole(), maximumWindows: whole(), minimumEvents: whole()),
            privacy: PrivacyPlan(mode: modes[stream.below(modes.count)], grid: GridPlan(scale: real(), modulusBits: whole())),
            serverOptimizer: servers[stream.below(servers.count)],
            serverDecay: stream.bernoulli(0.5) ? nil : ServerDecay(start: short(), end: short()),
            selection: SelectionPlan(
                rule: rules[stream.below(rules.count)], overSelection: real(), minimumCohort: whole(), quorum: whole(), deadlineSeconds: whole(),
                gatherSeconds: whole()),
            rounds: whole(), maximumAttempts: whole())
    }
}
