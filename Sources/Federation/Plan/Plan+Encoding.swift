import Crypto
import LocalTraining
import RecommenderModels

extension Plan {
    /// First bytes of an encoded plan; the last two are the version of the encoding.
    private static let signature: [UInt8] = Array("tributary.plan".utf8) + [1, 0]

    /// The digest of ``encoded()``: the plan's name everywhere.
    public var digest: Digest { Digest(SHA256.hash(data: encoded())) }

    /// The one binary encoding: every field in the order of its declaration, little-endian, choices by a numbered tag.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter()
        for byte in Self.signature { writer.append(byte) }
        writer.append(name)
        writer.append(seed)
        writer.append(catalog.digest)
        writer.append(count: catalog.itemCount)
        model.encode(into: &writer)
        training.encode(into: &writer)
        privacy.encode(into: &writer)
        privacy.mechanism?.adaptiveClip?.encode(into: &writer)
        privacy.mechanism?.encodeTensorClips(into: &writer)
        serverDecay?.encode(into: &writer)
        serverOptimizer.encode(into: &writer)
        selection.encode(into: &writer)
        writer.append(count: rounds)
        writer.append(count: maximumAttempts)
        return writer.bytes
    }

    /// Reads an encoded plan. Only bytes that ``encoded()`` could have written are accepted; ranges are for ``validate()``.
    /// - Throws: ``FederationError`` `.corrupted` naming the field.
    public init(encoded bytes: [UInt8]) throws {
        var reader = ByteReader(bytes, subject: "plan")
        guard try reader.take(Self.signature.count, "signature").elementsEqual(Self.signature) else {
            throw reader.problem("signature", "is unknown")
        }
        let name = try reader.text("name")
        let seed = try reader.integer(UInt64.self, "seed")
        let catalog = CatalogReference(digest: try reader.digest("catalog.digest"), itemCount: try reader.count("catalog.items"))
        let model = try ModelConfiguration(from: &reader)
        let training = try TrainingConfiguration(from: &reader)
        var privacy = try PrivacyPlan(from: &reader)
        let adaptive = try AdaptiveClip(before: &reader)
        let tensorClips = try GaussianMechanism.tensorClips(before: &reader)
        if adaptive != nil || !tensorClips.isEmpty {
            guard var mechanism = privacy.mechanism else { throw reader.problem("privacy.clip", "has no meaning with privacy off") }
            mechanism.adaptiveClip = adaptive
            mechanism.tensorClips = tensorClips
            privacy.mechanism = mechanism
        }
        let serverDecay = try ServerDecay(before: &reader)
        self.init(
            name: name, seed: seed, catalog: catalog, model: model, training: training, privacy: privacy,
            serverOptimizer: try ServerOptimizer(from: &reader),
            serverDecay: serverDecay,
            selection: try SelectionPlan(from: &reader),
            rounds: try reader.count("rounds"),
            maximumAttempts: try reader.count("maximumAttempts"))
        try reader.finish()
    }
}

extension PrivacyPlan {
    fileprivate func encode(into writer: inout ByteWriter) {
        switch mode {
        case .off(let range):
            writer.append(UInt8(0))
            writer.append(range)
        case .local(let mechanism):
            writer.append(UInt8(1))
            mechanism.encode(into: &writer)
        case .central(let mechanism):
            writer.append(UInt8(2))
            mechanism.encode(into: &writer)
        case .distributed(let mechanism, let aggregation):
            writer.append(UInt8(3))
            mechanism.encode(into: &writer)
            aggregation.encode(into: &writer)
        }
        writer.append(grid.scale)
        writer.append(count: grid.modulusBits)
    }
    fileprivate init(from reader: inout ByteReader) throws {
        let mode: Mode
        switch try reader.integer(UInt8.self, "privacy.mode") {
        case 0: mode = .off(range: try reader.double("privacy.range"))
        case 1: mode = .local(try GaussianMechanism(from: &reader))
        case 2: mode = .central(try GaussianMechanism(from: &reader))
        case 3: mode = .distributed(try GaussianMechanism(from: &reader), try AggregationPlan(from: &reader))
        default: throw reader.problem("privacy.mode", "is unknown")
        }
        self.init(mode: mode, grid: GridPlan(scale: try reader.double("grid.scale"), modulusBits: try reader.count("grid.modulusBits")))
    }
}

extension AggregationPlan {
    fileprivate func encode(into writer: inout ByteWriter) {
        for value in [threshold, collusion, minimumOrganisations, stageSeconds] { writer.append(count: value) }
    }
    fileprivate init(from reader: inout ByteReader) throws {
        self.init(
            threshold: try reader.count("privacy.threshold"), collusion: try reader.count("privacy.collusion"),
            minimumOrganisations: try reader.count("privacy.minimumOrganisations"), stageSeconds: try reader.count("privacy.stageSeconds"))
    }
}

extension GaussianMechanism {
    fileprivate func encode(into writer: inout ByteWriter) {
        for value in [clip, noiseMultiplier, epsilon, delta, samplingRate] { writer.append(value) }
    }
    fileprivate init(from reader: inout ByteReader) throws {
        self.init(
            clip: try reader.double("privacy.clip"), noiseMultiplier: try reader.double("privacy.noiseMultiplier"),
            epsilon: try reader.double("privacy.epsilon"), delta: try reader.double("privacy.delta"),
            samplingRate: try reader.double("privacy.samplingRate"))
    }
}

extension AdaptiveClip {
    /// Stands after the grid and before the server's parts, whose tags differ; a plan of one clip keeps the bytes it always had.
    private static let tag: UInt8 = 65

    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(Self.tag)
        for value in [quantile, learningRate, countDeviation] { writer.append(value) }
    }

    /// - Returns: `nil` when none is written.
    fileprivate init?(before reader: inout ByteReader) throws {
        guard reader.next == Self.tag else { return nil }
        _ = try reader.integer(UInt8.self, "privacy.adaptiveClip")
        self.init(
            quantile: try reader.double("adaptiveClip.quantile"), learningRate: try reader.double("adaptiveClip.learningRate"),
            countDeviation: try reader.double("adaptiveClip.countDeviation"))
    }
}

extension GaussianMechanism {
    /// Stands after the adaptive clip.
    private static let tensorClipsTag: UInt8 = 66

    fileprivate func encodeTensorClips(into writer: inout ByteWriter) {
        if tensorClips.isEmpty { return }
        writer.append(Self.tensorClipsTag)
        writer.append(count: tensorClips.count)
        for part in tensorClips {
            writer.append(part.tensor)
            writer.append(part.clip)
        }
    }

    /// - Returns: none when none are written.
    fileprivate static func tensorClips(before reader: inout ByteReader) throws -> [TensorClip] {
        guard reader.next == tensorClipsTag else { return [] }
        _ = try reader.integer(UInt8.self, "privacy.tensorClips")
        let count = try reader.count("privacy.tensorClips")
        guard (1...TensorClip.maximumCount).contains(count) else { throw reader.problem("privacy.tensorClips", "has \(count) entries") }
        return try (0..<count).map { _ in TensorClip(tensor: try reader.text("tensorClips.tensor"), clip: try reader.double("tensorClips.clip")) }
    }
}

extension ServerDecay {
    /// Stands before the optimiser, whose tags are smaller; a plan without decay keeps the bytes it always had.
    private static let tag: UInt8 = 64

    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(Self.tag)
        writer.append(start)
        writer.append(end)
    }

    /// - Returns: `nil` when none is written.
    fileprivate init?(before reader: inout ByteReader) throws {
        guard reader.next == Self.tag else { return nil }
        _ = try reader.integer(UInt8.self, "serverDecay")
        self.init(start: try reader.float("serverDecay.start"), end: try reader.float("serverDecay.end"))
    }
}

extension ServerOptimizer {
    fileprivate func encode(into writer: inout ByteWriter) {
        let (tag, values): (UInt8, [Float]) =
            switch self {
            case .fedAvg(let learningRate): (0, [learningRate])
            case .fedAvgM(let learningRate, let momentum): (1, [learningRate, momentum])
            case .fedAdam(let learningRate, let beta1, let beta2, let tau): (2, [learningRate, beta1, beta2, tau])
            case .fedYogi(let learningRate, let beta1, let beta2, let tau): (3, [learningRate, beta1, beta2, tau])
            case .fedAdagrad(let learningRate, let tau): (4, [learningRate, tau])
            case .replace: (5, [])
            }
        writer.append(tag)
        for value in values { writer.append(value) }
    }
    fileprivate init(from reader: inout ByteReader) throws {
        func value(_ name: String) throws -> Float { try reader.float("serverOptimizer.\(name)") }
        switch try reader.integer(UInt8.self, "serverOptimizer") {
        case 0: self = .fedAvg(learningRate: try value("learningRate"))
        case 1: self = .fedAvgM(learningRate: try value("learningRate"), momentum: try value("momentum"))
        case 2: self = .fedAdam(learningRate: try value("learningRate"), beta1: try value("beta1"), beta2: try value("beta2"), tau: try value("tau"))
        case 3: self = .fedYogi(learningRate: try value("learningRate"), beta1: try value("beta1"), beta2: try value("beta2"), tau: try value("tau"))
        case 4: self = .fedAdagrad(learningRate: try value("learningRate"), tau: try value("tau"))
        case 5: self = .replace
        default: throw reader.problem("serverOptimizer", "is unknown")
        }
    }
}

extension SelectionPlan {
    fileprivate func encode(into writer: inout ByteWriter) {
        switch rule {
        case .all:
            writer.append(UInt8(0))
        case .uniform(let count):
            writer.append(UInt8(1))
            writer.append(count: count)
        }
        writer.append(overSelection)
        for value in [minimumCohort, quorum, deadlineSeconds, gatherSeconds] { writer.append(count: value) }
    }
    fileprivate init(from reader: inout ByteReader) throws {
        let rule: Rule
        switch try reader.integer(UInt8.self, "selection.rule") {
        case 0: rule = .all
        case 1: rule = .uniform(count: try reader.count("selection.count"))
        default: throw reader.problem("selection.rule", "is unknown")
        }
        self.init(
            rule: rule, overSelection: try reader.double("selection.overSelection"),
            minimumCohort: try reader.count("selection.minimumCohort"), quorum: try reader.count("selection.quorum"),
            deadlineSeconds: try reader.count("selection.deadlineSeconds"), gatherSeconds: try reader.count("selection.gatherSeconds"))
    }
}
