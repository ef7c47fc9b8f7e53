import Testing

/// The module picture as a table: what every target may import. An import that is not in a target's row fails the tests.
///
/// One line per target: its name, its folder, the modules of this package, then (after `|`) modules from outside.
/// Lines in brackets are layers from the bottom up; a target imports from its own layer or from below.
/// `System` stands for the C library, `Foundation` for both Foundation and FoundationEssentials.
let allowedImports = """
    [leaves]
    Tensors               Sources/Tensors               CKernels COpenBLAS | System
    SeededRandom          Sources/SeededRandom          CKernels | System
    [parts]
    Interactions          Sources/Interactions          SeededRandom | Crypto Collections Algorithms System
    RankingEvaluation     Sources/RankingEvaluation     | System
    RecommenderModels     Sources/RecommenderModels     Tensors SeededRandom | System
    DifferentialPrivacy   Sources/DifferentialPrivacy   CKernels Tensors SeededRandom CLibCrypto | System
    SecureAggregation     Sources/SecureAggregation     CKernels CLibCrypto | Crypto System
    SeededNoise           Sources/SeededNoise           DifferentialPrivacy SecureAggregation SeededRandom |
    [domain]
    LocalTraining         Sources/LocalTraining         Tensors SeededRandom RecommenderModels Interactions RankingEvaluation DifferentialPrivacy | Dispatch Synchronization System
    Federation            Sources/Federation            Tensors SeededRandom RecommenderModels LocalTraining DifferentialPrivacy SecureAggregation | Crypto Collections System
    [cores]
    CoordinatorCore       Sources/CoordinatorCore       Federation Interactions Tensors RecommenderModels DifferentialPrivacy SecureAggregation SeededRandom | Logging Metrics ServiceLifecycle Collections
    EdgeRuntime           Sources/EdgeRuntime           Federation LocalTraining Interactions RankingEvaluation RecommenderModels DifferentialPrivacy SecureAggregation Tensors SeededRandom | Logging Metrics ServiceLifecycle
    [adapters]
    DataFiles             Sources/DataFiles             Interactions CZlib | Crypto Foundation System
    StrictYAML            Sources/StrictYAML            | Yams
    CommandSupport        Sources/CommandSupport        | ArgumentParser Logging Foundation System
    PlanFiles             Sources/PlanFiles             StrictYAML Federation Interactions RankingEvaluation Tensors RecommenderModels LocalTraining DifferentialPrivacy | Foundation System
    FederationIdentity    Sources/FederationIdentity    | Crypto X509 SwiftASN1 Foundation System
    FederationGRPC        Sources/FederationGRPC        Federation FederationIdentity | GRPCCore GRPCNIOTransportHTTP2Posix GRPCNIOTransportCore GRPCProtobuf SwiftProtobuf NIOCore NIOPosix NIOTLS NIOSSL X509 Crypto Logging ServiceLifecycle Synchronization Foundation System
    DurableFiles          Sources/DurableFiles          | Foundation System
    CoordinatorStore      Sources/CoordinatorStore      DurableFiles CoordinatorCore Federation | GRDB Crypto Foundation System
    EdgeStore             Sources/EdgeStore             DurableFiles EdgeRuntime Federation DifferentialPrivacy Interactions | GRDB Crypto Foundation System
    EdgeService           Sources/EdgeService           EdgeRuntime Federation | Hummingbird Logging ServiceLifecycle Foundation
    Simulator             Sources/Simulator             SeededNoise CoordinatorCore EdgeRuntime Federation LocalTraining Interactions RankingEvaluation RecommenderModels DifferentialPrivacy SecureAggregation Tensors SeededRandom | Crypto Logging Collections HeapModule Dispatch Synchronization
    [executables]
    CoordinatorApplication coordinator/Application      CoordinatorCore CoordinatorStore Federation FederationGRPC FederationIdentity PlanFiles DataFiles Interactions RecommenderModels DifferentialPrivacy Tensors StrictYAML CommandSupport | ArgumentParser Logging ServiceLifecycle UnixSignals Foundation System
    coordinator           coordinator/Executable        CoordinatorApplication | ArgumentParser
    EdgeNodeApplication   edge-node/Application         EdgeRuntime EdgeStore EdgeService Federation FederationGRPC FederationIdentity DataFiles Interactions RankingEvaluation RecommenderModels LocalTraining DifferentialPrivacy SecureAggregation StrictYAML CommandSupport | ArgumentParser Logging ServiceLifecycle UnixSignals Foundation System
    edge-node             edge-node/Executable          EdgeNodeApplication | ArgumentParser
    simulate              Sources/simulate              SecureAggregation Simulator SeededNoise CoordinatorCore EdgeRuntime Federation PlanFiles DataFiles Interactions RankingEvaluation RecommenderModels LocalTraining DifferentialPrivacy SeededRandom Tensors DurableFiles StrictYAML CommandSupport | ArgumentParser Logging Foundation System
    demo                  Sources/demo                  CommandSupport DataFiles Interactions | ArgumentParser Subprocess SystemPackage Foundation System
    """

/// Modules that reach a network, a database or the web: none below the adapters.
let outsideWorld: Set<String> = [
    "GRDB", "GRPCCore", "GRPCNIOTransportHTTP2Posix", "GRPCNIOTransportCore", "GRPCProtobuf", "SwiftProtobuf", "NIOCore", "NIOPosix", "NIOSSL", "NIOHTTP2",
    "Hummingbird", "X509", "SwiftASN1", "AsyncHTTPClient", "FoundationNetworking", "Foundation", "FoundationEssentials", "Yams", "Configuration",
    "ArgumentParser", "Subprocess",
]

/// One line of the table.
struct TargetRow: Sendable, CustomTestStringConvertible {
    var name: String
    var folder: String
    var layer: Int
    var ours: Set<String>
    var outside: Set<String>
    var testDescription: String { name }
}

/// The table with its layers.
struct ImportTable: Sendable {
    var layers: [String] = []
    var rows: [TargetRow] = []

    static let current = ImportTable(allowedImports)

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if let first = words.first, first.hasPrefix("[") {
                layers.append(String(first.dropFirst().dropLast()))
            } else if words.count >= 2 {
                let bar = words.firstIndex(of: "|") ?? words.endIndex
                let outside = words[bar...].dropFirst().flatMap(Self.spelledOut)
                rows.append(TargetRow(name: words[0], folder: words[1], layer: layers.count - 1, ours: Set(words[2..<bar]), outside: Set(outside)))
            }
        }
    }

    private static func spelledOut(_ module: String) -> [String] {
        switch module {
        case "System": ["Glibc", "Musl", "Darwin"]
        case "Foundation": ["Foundation", "FoundationEssentials"]
        case "Collections": ["Collections", "HeapModule", "DequeModule", "OrderedCollections", "HashTreeCollections", "BitCollections"]
        default: [module]
        }
    }

    func layer(of target: String) -> Int? { rows.first { $0.name == target }?.layer }
}
