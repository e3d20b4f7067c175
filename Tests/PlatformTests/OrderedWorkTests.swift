import Foundation
import Platform
import Synchronization
import Testing

@Suite("Ordered work") struct OrderedWorkTests {
    private struct Trouble: Error, Equatable { let piece: Int }

    @Test("Results come in order, whichever is done first", arguments: [1, 2, 5])
    func order(workers: Int) throws {
        var taken: [Int] = []
        try OrderedWork.run(40, workers: workers, ahead: 6) { piece in
            usleep(UInt32((piece * 7919) % 5) * 300)
            return piece * piece
        } deliver: {
            taken.append($0)
        }
        #expect(taken == (0..<40).map { $0 * $0 })
    }

    @Test("Nothing is as much a piece of work as one")
    func few() throws {
        var taken: [Int] = []
        for count in 0...1 {
            try OrderedWork.run(count, workers: 3, ahead: 0) {
                $0
            } deliver: {
                taken.append($0)
            }
        }
        #expect(taken == [0])
    }

    @Test("The first error in the order of pieces is thrown, when all before it are taken")
    func errors() {
        for workers in [1, 4] {
            var taken: [Int] = []
            let error = #expect(throws: Trouble.self) {
                try OrderedWork.run(30, workers: workers, ahead: 9) { piece in
                    if piece == 6 { usleep(20_000) }
                    if [6, 7, 9].contains(piece) { throw Trouble(piece: piece) }
                    return piece
                } deliver: {
                    taken.append($0)
                }
            }
            #expect(error == Trouble(piece: 6) && taken == Array(0..<6))
        }
    }

    @Test("The work is never farther ahead than it may be")
    func ahead() throws {
        let begun = Mutex(0)
        var (taken, most) = (0, 0)
        try OrderedWork.run(60, workers: 4, ahead: 5) { piece in
            begun.withLock { $0 += 1 }
            return piece
        } deliver: { _ in
            usleep(500)
            most = max(most, begun.withLock { $0 } - taken)
            taken += 1
        }
        #expect(most <= 5)
    }
}
