/// What one round of secure aggregation is about. Every field is bound into every key and signature of the round.
public struct AggregationConfiguration: Sendable, Hashable {
    /// Digest of what the rounds belong to: the plan.
    public var run: Hash256
    /// d: words of the vector.
    public var dimension: Int
    /// b: 32, 40 or 64.
    public var modulusBits: Int
    /// D: the L2 norm on the grid of one user's part.
    public var clipOnGrid: UInt64
    /// s: grid steps per unit.
    public var gridScale: Double
    /// C: the clip in units.
    public var clip: Double
    /// σ of one node's share of the noise, in grid steps.
    public var noiseShare: UInt64
    /// t: how many nodes must survive and sign. With the complete graph also how many shares rebuild a secret.
    public var threshold: Int
    /// c: how many nodes may work together with the coordinator.
    public var collusion: Int
    /// n_min: organisations in every set that is agreed on, at least 3.
    public var minimumOrganisations: Int
    public var graph: GraphChoice
    /// How long the coordinator waits in each stage.
    public var stageMilliseconds: UInt64

    public init(
        run: Hash256, dimension: Int, modulusBits: Int, clipOnGrid: UInt64, gridScale: Double, clip: Double, noiseShare: UInt64, threshold: Int,
        collusion: Int, minimumOrganisations: Int, graph: GraphChoice = .complete, stageMilliseconds: UInt64
    ) {
        self.run = run
        self.dimension = dimension
        self.modulusBits = modulusBits
        self.clipOnGrid = clipOnGrid
        self.gridScale = gridScale
        self.clip = clip
        self.noiseShare = noiseShare
        self.threshold = threshold
        self.collusion = collusion
        self.minimumOrganisations = minimumOrganisations
        self.graph = graph
        self.stageMilliseconds = stageMilliseconds
    }

    /// The smallest number of honest nodes whose noise is in any published sum: t − c.
    public var guaranteedHonest: Int { threshold - collusion }
    /// Standard deviation, in grid steps, of the noise that honest survivors are guaranteed to add: σ √(t − c). It is the noise accounted for
    /// towards a coordinator that works with c nodes.
    public var guaranteedNoise: Double { Double(noiseShare) * Double(max(0, guaranteedHonest)).squareRoot() }

    func append(to writer: inout WireWriter) {
        writer.append(run)
        writer.append(UInt64(dimension))
        writer.append(UInt8(modulusBits))
        writer.append(clipOnGrid)
        writer.append(gridScale)
        writer.append(clip)
        writer.append(noiseShare)
        writer.append(count: threshold)
        writer.append(count: collusion)
        writer.append(count: minimumOrganisations)
        graph.append(to: &writer)
        writer.append(stageMilliseconds)
    }

    init(_ reader: inout WireReader) throws {
        run = try reader.hash()
        let dimension = try reader.integer(UInt64.self)
        guard dimension <= UInt64(Self.maximumDimension) else { throw reader.problem("asks for \(dimension) words") }
        self.dimension = Int(dimension)
        modulusBits = Int(try reader.integer(UInt8.self))
        clipOnGrid = try reader.integer(UInt64.self)
        gridScale = try reader.double()
        clip = try reader.double()
        noiseShare = try reader.integer(UInt64.self)
        threshold = Int(try reader.integer(UInt32.self))
        collusion = Int(try reader.integer(UInt32.self))
        minimumOrganisations = Int(try reader.integer(UInt32.self))
        graph = try GraphChoice(&reader)
        stageMilliseconds = try reader.integer(UInt64.self)
    }

    /// Words of the longest vector: 2⁴⁰ bytes of keystream per mask are far below what AES-CTR allows for a key.
    public static let maximumDimension = 1 << 36
}
