internal import Dispatch

/// Work that is split by data: parts run on as many threads as there are workers, and no part depends on how many those are.
enum Parallel {
    /// Runs every part once and returns when all have run. Parts must not write what others read.
    static func forEach(_ count: Int, workers: Int, _ body: (Int) -> Void) {
        let threads = min(workers, count)
        if threads <= 1 {
            for part in 0..<count { body(part) }
        } else {
            // The body outlives the call to `concurrentPerform`, which returns when every thread has; it crosses to the threads by its
            // address, because parts that write their own memory through pointers cannot be `Sendable`.
            withoutActuallyEscaping(body) { body in
                withUnsafePointer(to: body) { body in
                    let address = UInt(bitPattern: body)
                    DispatchQueue.concurrentPerform(iterations: threads) { thread in
                        guard let body = UnsafePointer<(Int) -> Void>(bitPattern: address) else { return }
                        for part in stride(from: thread, to: count, by: threads) { body.pointee(part) }
                    }
                }
            }
        }
    }

    /// Consecutive ranges of about equal weight, the same for any number of workers; some may be empty.
    /// - Parameter offsets: one more than there are elements, never decreasing: where each element's weight starts.
    static func ranges(_ count: Int, offsets: [Int64]) -> [Range<Int>] {
        let elements = offsets.count - 1
        let total = offsets[elements]
        var bounds = [0]
        for part in 1..<count {
            let place = total * Int64(part) / Int64(count)
            var (low, high) = (bounds[part - 1], elements)
            while low < high {
                let middle = (low + high) / 2
                if offsets[middle] < place { low = middle + 1 } else { high = middle }
            }
            bounds.append(low)
        }
        bounds.append(elements)
        return zip(bounds, bounds.dropFirst()).map { $0..<$1 }
    }
}
