import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EnumerationLimit } from './enumeration-limit.js';
import { UserCredentialsService } from './user-credentials.service.js';
import { UserDeletion } from './user-deletion.js';
import { User } from './user.entity.js';
import { UsersService } from './users.service.js';

/** The `users` table and its only writers. */
@Module({
  imports: [TypeOrmModule.forFeature([User])],
  providers: [UsersService, EnumerationLimit, UserDeletion, UserCredentialsService],
  exports: [TypeOrmModule, UsersService, EnumerationLimit, UserDeletion, UserCredentialsService],
})
export class UsersModule {}
