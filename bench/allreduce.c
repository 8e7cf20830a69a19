/* How long MPI takes to sum a vector over all ranks: an input to the model in docs/clusters.md.

       mpicc -O2 bench/allreduce.c -o allreduce
       mpirun --oversubscribe -n 2 ./allreduce 13181696
       mpirun --oversubscribe -n 2 --mca btl tcp,self ./allreduce 13181696

   Prints the median of 15 rounds, and the rate in bytes/s, counting 2(N-1)/N of the vector. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 15 };

static int by_value(const void *one, const void *other) {
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

int main(int count, char **arguments) {
    MPI_Init(&count, &arguments);
    int ranks, rank, length = count > 1 ? atoi(arguments[1]) : 1 << 20;
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    float *sent = calloc(length, sizeof *sent), *received = calloc(length, sizeof *received);
    double times[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        MPI_Barrier(MPI_COMM_WORLD);
        double start = MPI_Wtime();
        MPI_Request request;
        MPI_Iallreduce(sent, received, length, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &request);
        MPI_Wait(&request, MPI_STATUS_IGNORE);
        times[round] = MPI_Wtime() - start;
    }
    qsort(times, ROUNDS, sizeof *times, by_value);
    double bytes = 2.0 * (ranks - 1) / ranks * sizeof *sent * length;
    if (rank == 0)
        printf("%d ranks, %d floats: %.2f ms, %.2f GB/s\n", ranks, length, 1e3 * times[ROUNDS / 2],
               bytes / times[ROUNDS / 2] / 1e9);
    MPI_Finalize();
}
