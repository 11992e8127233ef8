import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TakenProbes } from './enumeration-limit.js';
import { UserCredentials } from './user-credentials.service.js';
import { UserRemoval } from './user-deletion.js';
import { User } from './user.entity.js';
import { UsersService } from './users.service.js';

/** The table of users and its one writer. */
@Module({
  imports: [TypeOrmModule.forFeature([User])],
  providers: [UsersService, TakenProbes, UserRemoval, UserCredentials],
  exports: [TypeOrmModule, UsersService, TakenProbes, UserRemoval, UserCredentials],
})
export class UsersModule {}
