import Crypto
import Foundation
import Workloads

/// The workload files of a run, written when they are first needed.
struct WorkloadFiles {
    struct Workload {
        var path: String
        /// What the task's name is followed by.
        var label: String
        var interactions: InteractionWorkload?
        /// Bytes of the vectors that an exact query reads.
        var vectorBytes: Double?

        /// Work of a unit and the peak it is held against.
        func work(_ task: BenchmarkTask, _ machine: Machine) -> (perUnit: Double, peak: Double, name: String)? {
            if let interactions, let operations = Work.operationsPerUnit(task, interactions) { return (operations, machine.products, "products") }
            // An index reads a part of the vectors only: there is no bound to hold it against.
            if let vectorBytes, task == .searchFlat { return (vectorBytes, machine.reading, "reading") }
            return nil
        }
    }

    let directory: String
    let size: WorkloadSize
    let quick: Bool
    let seed: UInt64
    private var interactions: (path: String, workload: InteractionWorkload, digest: String)?

    init(directory: String, size: WorkloadSize, quick: Bool, seed: UInt64) {
        self.directory = directory
        self.size = size
        self.quick = quick
        self.seed = seed
    }

    mutating func workloads(of task: BenchmarkTask) throws -> [Workload] {
        if task.searches {
            return try (quick ? [25_000] : [25_000, 100_000, 1_000_000]).map { items in
                let path = "\(directory)/vectors-\(items)-\(seed).bin"
                if !FileManager.default.fileExists(atPath: path) {
                    try VectorWorkload(items: items, width: 64, queries: 200, seed: seed).write(to: path)
                }
                return Workload(path: path, label: items >= 1_000_000 ? "-\(items / 1_000_000)m" : "-\(items / 1000)k", vectorBytes: Double(items) * 64 * 4)
            }
        }
        if interactions == nil {
            let path = "\(directory)/interactions-\(seed).bin"
            let workload = try size.interactions(seed: seed)
            try workload.write(to: path)
            let digest = SHA256.hash(data: try Data(contentsOf: URL(filePath: path))).map { String(format: "%02x", $0) }.joined()
            interactions = (path, workload, digest)
        }
        return interactions.map { [Workload(path: $0.path, label: "", interactions: $0.workload)] } ?? []
    }

    /// One line that names the workload.
    var description: String {
        let vectors = "vectors of 64 around centres, seed \(seed)"
        guard let (_, workload, digest) = interactions else { return vectors }
        let source = size.data.map { ($0 as NSString).lastPathComponent } ?? "synthetic world, seed \(seed)"
        return "\(source): \(workload.userCount) users, \(workload.itemCount) items, \(workload.eventCount) training events, "
            + "SHA-256 \(digest.prefix(12)); \(vectors)"
    }
}

extension WorkloadSize {
    /// Small enough for seconds, whatever was asked for.
    var small: WorkloadSize {
        var small = self
        if data == nil { (small.users, small.items, small.meanEvents) = (600, 800, 60) }
        return small
    }
}
