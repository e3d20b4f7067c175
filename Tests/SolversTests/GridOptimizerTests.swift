import Foundation
import Solvers
import Testing

@Suite struct GridOptimizerTests {
    /// The distance of ln(node) from goals of their own.
    private func error(_ grid: [Double], goals: [Double]) -> Double {
        zip(grid, goals).reduce(0) { $0 + pow(log(max($1.0, 1e-9)) - log($1.1), 2) }
    }

    @Test("Nodes go to where the error is least; the first and a last 0 stay")
    func minimum() throws {
        let goals = [80, 30, 4, 0.5, 0.01]
        let found = try GridOptimizer(sweeps: 60, lastStep: 1e-4).minimum(from: [80, 20, 10, 5, 1, 0]) { grid, _ in
            error(grid, goals: goals)
        }
        for (node, goal) in zip(found.grid, goals) { #expect(abs(log(node / goal)) < 0.05, "\(found)") }
        #expect(found.grid[0] == 80 && found.grid.last == 0 && found.trials > 10)
    }

    @Test(
        "Grids always fall, stay above the lowest level, and say where they differ", arguments: [0, 1, 7] as [UInt64])
    func bounds(seed: UInt64) throws {
        var best = [9.0, 4, 2, 1]
        var trials = 0
        let found = try GridOptimizer(seed: seed).minimum(
            from: best, lowest: 0.5,
            improved: { best = $0.grid }
        ) { grid, changed in
            trials += 1
            #expect(zip(grid, grid.dropFirst()).allSatisfy { $0 > $1 } && grid.allSatisfy { $0 >= 0.5 })
            #expect(grid.prefix(changed) == best.prefix(changed) && grid[0] == 9)
            return error(grid, goals: [9, 0.9, 0.7, 0.1])
        }
        #expect(found.trials == trials && found.grid[3] < 0.6)
    }

    @Test("The same seed gives the same search, and errors end it")
    func deterministic() throws {
        func search(_ seed: UInt64) throws -> [Double] {
            try GridOptimizer(sweeps: 3, seed: seed).minimum(from: [8, 4, 2, 1, 0]) { grid, _ in
                error(grid, goals: [8, 7, 0.9, 0.3]) + 0.3 * sin(40 * grid[1])
            }.grid
        }
        #expect(try search(3) == search(3))
        struct Stop: Error {}
        #expect(throws: Stop.self) { try GridOptimizer().minimum(from: [2, 1, 0]) { _, _ in throw Stop() } }
    }

    @Test("A grid without free nodes comes back as it is")
    func nothingFree() throws {
        for grid in [[5.0, 0], [5], [5, 0]] {
            #expect(try GridOptimizer().minimum(from: grid) { _, _ in 1 }.grid == grid)
        }
    }
}
