import CommandSupport
import DataFiles
import Interactions
import SeededRandom
import Simulator

/// The data of a simulation, dealt out.
struct SimulationWorld {
    var catalog: Catalog
    var silos: [SimulatedSilo]
    /// What a person should know about the data.
    var remarks: [String]
}

extension WorldOptions {
    /// - Throws: `ImportError`, `CommandFailure`.
    func load(_ input: InputOptions, seed: UInt64) throws -> SimulationWorld {
        var remarks: [String] = []
        let table: InteractionTable
        let catalog: Catalog
        if let synthetic {
            // A small catalog cannot keep users busy for long: nobody meets an item twice.
            let configuration = SyntheticWorldConfiguration(userCount: synthetic.users, itemCount: synthetic.items, meanEvents: min(50, Double(synthetic.items) / 4))
            let world = try SyntheticWorld(configuration, seed: synthetic.seed)
            table = world.interactions()
            catalog = world.catalog
        } else {
            let file = try input.read(data ?? "")
            remarks += file.report.lines
            let (cleaned, report) = input.pipeline.apply(to: file.table)
            remarks += report.map(\.description)
            table = cleaned
            if let path = self.catalog {
                catalog = try DataFile(path: path).catalog()
            } else {
                catalog = try Catalog(itemsOf: table)
                remarks.append("the items of the data are the catalog, which a real federation's operator would provide")
            }
        }
        guard catalog.count >= 2, table.count > 0 else { throw CommandFailure(.dataError, "the data hold no two items: nothing can be recommended") }
        let assignment = try assignment(of: table, catalog: catalog, seed: seed)
        if !assignment.usersInSeveralSilos.isEmpty {
            remarks.append("\(assignment.usersInSeveralSilos.count) users are in several silos, which breaks \"one user, one node\": each silo protects its own share only")
        }
        if !assignment.leftOut.isEmpty {
            remarks.append("left out, with too few users: " + assignment.leftOut.map { "\($0.name) (\($0.userCount))" }.joined(separator: ", "))
        }
        return SimulationWorld(catalog: catalog, silos: assignment.simulated, remarks: remarks)
    }

    private func assignment(of table: InteractionTable, catalog: Catalog, seed: UInt64) throws -> SiloAssignment {
        switch assign {
        case .hash: return .byHash(table, count: nodes, seed: seed)
        case .user: return .oneUserEach(table)
        case .column: return try .byColumn(table, minimumUsers: minimumSiloUsers)
        case .dirichlet(let alpha):
            let stream = RandomStream(seed: seed, "silos")
            let byCategory = ItemClusters.byCategory(table, catalog: catalog)
            let clusters = Set(byCategory).count > 1 ? byCategory : ItemClusters.byCooccurrence(table, count: 20, stream: stream.child("clusters"))
            return .byDirichlet(table, count: nodes, alpha: alpha, clusters: clusters, stream: stream)
        }
    }
}
