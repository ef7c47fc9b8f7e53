import CKernels

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The privacy loss of one step on the grid h ℤ, after connect-the-dots (Doroshenko et al. 2022): the pair of distributions it stands for
/// dominates the true one.
struct LossGrid {
    /// Grid index of the first mass.
    var low: Int
    /// P-mass of the losses (low + i) h.
    var masses: [Double]
    /// P-mass of infinite loss.
    var infinite: Double

    /// Both directions of one step, spacing h. Mass cut away counts as infinite loss where losses are largest, and is raised to the
    /// nearest kept loss where they are smallest.
    /// - Parameter tail: mass that may be cut away on either side.
    static func pair(_ step: LossStep, spacing h: Double, tail: Double) -> (remove: LossGrid, add: LossGrid) {
        switch step {
        case .gaussian(let sigma, let q):
            let reach = LossStep.reach(sigma: sigma, samplingRate: q, tail: tail)
            let low = Int((LossStep.loss(reach.low, sigma: sigma, samplingRate: q) / h).rounded(.down))
            let high = Int((LossStep.loss(reach.high, sigma: sigma, samplingRate: q) / h).rounded(.up))
            let count = max(high - low, 1) + 1
            var remove = [Double](repeating: 0, count: count)
            var add = [Double](repeating: 0, count: count)
            tributary_connect_gaussian(sigma, q, h, Int64(low), Int64(count), reach.low, reach.high, &remove, &add)
            remove[1] += reach.mixtureBelow
            add[count - 2] += reach.baseAbove
            add.reverse()
            return (LossGrid(low: low, masses: remove, infinite: reach.mixtureAbove), LossGrid(low: -(low + count - 1), masses: add, infinite: reach.baseBelow))
        case .laplace(let scale):
            let grid = laplace(scale: scale, spacing: h)
            return (grid, grid)
        }
    }

    /// Loss 1/b with mass 1/2, −1/b with mass e^(−1/b)/2, and between them the density e^((l − 1/b)/2)/4.
    private static func laplace(scale: Double, spacing h: Double) -> LossGrid {
        let largest = 1 / scale
        let reach = Int((largest / h).rounded(.up)) + 1
        var masses = [Double](repeating: 0, count: 2 * reach + 1)
        let whole = expm1(-h)
        func place(_ loss: Double, _ mass: Double, cell: Int) {
            let share = min(max(expm1(Double(cell) * h - loss) / whole, 0), 1)
            masses[cell + reach] += (1 - share) * mass
            masses[cell + 1 + reach] += share * mass
        }
        place(largest, 0.5, cell: Int((largest / h).rounded(.down)))
        place(-largest, 0.5 * exp(-largest), cell: Int((-largest / h).rounded(.down)))
        // A cell between a and a + h with end masses A and B: P-mass A + B, Q-mass A e^(−a) + B e^(−a − h); density under Q is e^(−l) times that
        // under P, so that both integrals are elementary.
        for cell in -reach..<reach {
            let a = max(Double(cell) * h, -largest)
            let b = min(Double(cell + 1) * h, largest)
            guard b > a else { continue }
            // Four nodes of Gauss and Legendre; cells are much narrower than the density's scale of 2.
            let panels = max(1, Int(((b - a) * 4).rounded(.up)))
            let width = (b - a) / Double(panels)
            for panel in 0..<panels {
                for (node, weight) in zip(Self.nodes, Self.weights) {
                    let loss = a + (Double(panel) + node) * width
                    place(loss, weight * width * exp((loss - largest) / 2) / 4, cell: cell)
                }
            }
        }
        return LossGrid(low: -reach, masses: masses, infinite: 0)
    }
    private static let nodes = [0.069431844202973712, 0.33000947820757187, 0.66999052179242813, 0.93056815579702629]
    private static let weights = [0.17392742256872693, 0.32607257743127307, 0.32607257743127307, 0.17392742256872693]

    /// The same step on the grid 2h: atoms at odd multiples of h go to their neighbours, P- and Q-mass kept.
    func coarsened(spacing h: Double) -> LossGrid {
        let first = (low - (low & 1)) / 2
        var fine = [Double](repeating: 0, count: low & 1)
        fine += masses
        if fine.count.isMultiple(of: 2) { fine.append(0) }
        let count = fine.count / 2 + 1
        var coarse = [Double](repeating: 0, count: count)
        tributary_coarsen(h, Int64(count), fine, &coarse)
        return LossGrid(low: first, masses: coarse, infinite: infinite)
    }
}
